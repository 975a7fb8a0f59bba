// Seeing while one writes: the preview, the problems and the marks of the files follow the text; the preview at the width
// of a computer or a phone; one part at a time on a phone.
(function () {
  'use strict';
  var page = document.getElementById('noi-dung'), desk = window.desk || {}, tabs = document.querySelectorAll('.ed-tabs a');
  var last = {}, timer = null, busy = false, again = false;

  function part(name) { return page.querySelector('[data-part=' + name + ']'); }
  // What is the same stays untouched: folds stay open, and nothing is read out anew.
  function swap(made, name) {
    var fresh = made.querySelector('[data-part=' + name + ']'), place = part(name);
    if (!fresh || !place || fresh.innerHTML === last[name]) return false;
    var focused = place.contains(document.activeElement) && document.activeElement.getAttribute('href');
    var scroller = place.parentNode, scrolled = scroller.scrollTop;
    last[name] = fresh.innerHTML;
    fresh.className = place.className;
    place.replaceWith(fresh);
    if (desk.figures) desk.figures();
    scroller.scrollTop = scrolled;
    var link = focused && fresh.querySelector('a[href="' + CSS.escape(focused) + '"]');
    if (link) link.focus({ preventScroll: true });
    return true;
  }
  function count() {
    var says = part('problems').querySelector('[data-says]'), badge = document.querySelector('[data-problems]');
    document.querySelector('[data-number]').textContent = says.dataset.says;
    badge.className = 'badge ' + (part('problems').querySelector('li.err') ? 'err' : says.dataset.says === '0' ? 'ok' : 'warn');
    if (badge.textContent !== says.textContent) badge.textContent = says.textContent;
  }
  function look() {
    clearTimeout(timer);
    if (busy) { again = true; return; }
    busy = true;
    part('preview').setAttribute('aria-busy', 'true');
    fetch(desk.say.preview, {
      method: 'POST', credentials: 'same-origin',
      body: new URLSearchParams({ csrf_token: desk.form.elements.csrf_token.value, text: desk.box.value })
    }).then(function (answer) {
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (text === null) return;
      var made = new DOMParser().parseFromString(text, 'text/html');
      swap(made, 'preview');
      swap(made, 'tree');
      if (swap(made, 'problems')) { count(); desk.flag(); }
    }).catch(function () { /* the state of saving says that the line is down */ }).then(function () {
      busy = false;
      part('preview').removeAttribute('aria-busy');
      if (again) { again = false; look(); }
    });
  }
  if (desk.box && !desk.box.readOnly && window.fetch) desk.box.addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(look, 600); });

  // Links in the preview lead away from what is being written: they open beside it. The part itself is replaced; what it
  // stands in stays.
  part('preview').parentNode.addEventListener('click', function (event) {
    var link = event.target.closest('a[href]');
    if (!link || link.getAttribute('href')[0] === '#' || link.closest('.as-form')) return;
    event.preventDefault();
    window.open(link.href, '_blank', 'noopener');
  });

  var widths = document.querySelector('.ed-width');
  function widen(width) {
    page.dataset.width = width;
    widths.querySelectorAll('button').forEach(function (b) { b.setAttribute('aria-pressed', String(b.dataset.width === width)); });
    try { localStorage.setItem('ed-width', width); } catch (ignored) { /* a comfort only */ }
  }
  widths.hidden = false;
  widths.addEventListener('click', function (event) { var to = event.target.dataset.width; if (to) widen(to); });
  try { if (widths.querySelector('[data-width=' + localStorage.getItem('ed-width') + ']')) widen(localStorage.getItem('ed-width')); } catch (ignored) { /* as it comes */ }

  desk.show = function (id) {
    page.dataset.tab = id;
    tabs.forEach(function (tab) {
      if (tab.hash === '#' + id) tab.setAttribute('aria-current', 'true'); else tab.removeAttribute('aria-current');
    });
  };
  tabs.forEach(function (tab) {
    tab.addEventListener('click', function (event) {
      var pane = document.querySelector(tab.hash);
      event.preventDefault();
      if (pane.open === false) pane.open = true;
      desk.show(pane.id);
      pane.focus({ preventScroll: true });
    });
  });
  desk.show('o-soan');
})();
