// Writing a file of a course: line numbers, going to a line, tools, lists that go on. The page works without this file;
// the others of the editor (save, files, preview) share what is in window.desk.
(function () {
  'use strict';
  var box = document.getElementById('van-ban');
  if (!box) return;
  var form = box.form, tools = form.querySelector('.ed-tools');
  var desk = window.desk = { box: box, form: form, say: form.dataset };
  var MOST = 600000; // letters; beyond, numbers would cost more than they give

  // Line numbers: the text once more behind the box, unseen, so that the browser itself wraps both alike. Only the rows
  // that changed are made anew.
  var mirror = document.createElement('div'), sheet = document.createElement('div'), shown = [], here = null;
  mirror.className = 'ed-lines';
  mirror.setAttribute('aria-hidden', 'true');
  mirror.appendChild(sheet);
  box.parentNode.insertBefore(mirror, box);
  box.parentNode.classList.add('numbered');

  function fill(row, text) { row.textContent = text || '\u200b'; return row; }
  function draw() {
    var now = box.value.length < MOST ? box.value.split('\n') : [], from = 0, end = 0;
    var least = Math.min(now.length, shown.length);
    while (from < least && now[from] === shown[from]) from++;
    while (end < least - from && now[now.length - 1 - end] === shown[shown.length - 1 - end]) end++;
    var rows = sheet.children, i = from;
    for (; i < least - end; i++) fill(rows[i], now[i]);
    for (var gone = shown.length - end - i; gone > 0; gone--) rows[i].remove();
    var made = document.createDocumentFragment();
    for (var n = i; n < now.length - end; n++) made.appendChild(fill(document.createElement('div'), now[n]));
    sheet.insertBefore(made, rows[i] || null);
    shown = now;
    place();
    mark();
  }
  function place() {
    sheet.style.width = box.clientWidth + 'px';
    sheet.style.transform = 'translateY(' + -box.scrollTop + 'px)';
  }
  function lineAt(position) { return box.value.slice(0, position).split('\n').length; }
  function mark() {
    var row = sheet.children[lineAt(box.selectionStart) - 1];
    if (row === here) return;
    if (here) here.classList.remove('here');
    here = row;
    if (here) here.classList.add('here');
  }
  // Lines that the problems name; rows keep their mark when lines above them come and go.
  desk.flag = function () {
    sheet.querySelectorAll('.err, .warn').forEach(function (row) { row.classList.remove('err', 'warn'); });
    document.querySelectorAll('[data-part=problems] a[data-line]').forEach(function (link) {
      var row = sheet.children[link.dataset.line - 1];
      if (row) row.classList.add(link.parentNode.className);
    });
  };
  desk.go = function (line) {
    var lines = box.value.split('\n'), n = Math.max(1, Math.min(lines.length, line));
    var at = lines.slice(0, n - 1).join('\n').length + (n > 1 ? 1 : 0), row = sheet.children[n - 1];
    if (desk.show) desk.show('o-soan');
    box.focus({ preventScroll: true });
    box.setSelectionRange(at, at);
    if (row) box.scrollTop = row.offsetTop - box.clientHeight / 3;
    place();
    mark();
    box.scrollIntoView({ block: 'nearest' });
  };
  function fromAddress() {
    var match = /^#dong-(\d+)$/.exec(window.location.hash);
    if (match) desk.go(Number(match[1]));
  }
  box.addEventListener('scroll', place);
  box.addEventListener('input', draw);
  ['keyup', 'mouseup', 'focus'].forEach(function (name) { box.addEventListener(name, mark); });
  if (window.ResizeObserver) new ResizeObserver(place).observe(box);
  draw();
  desk.flag();
  window.addEventListener('hashchange', fromAddress);
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[data-line]');
    if (!link) return;
    event.preventDefault();
    history.replaceState(null, '', '#dong-' + link.dataset.line);
    desk.go(Number(link.dataset.line));
  });
  fromAddress();
  desk.draw = draw;
  if (box.readOnly) return;

  // Every change goes through here, so that undo knows it.
  desk.put = function (text, from, to) {
    box.focus({ preventScroll: true });
    if (from !== undefined) box.setSelectionRange(from, to);
    if (!text && box.selectionStart === box.selectionEnd) return;
    if (document.execCommand(text ? 'insertText' : 'delete', false, text)) return;
    box.setRangeText(text, box.selectionStart, box.selectionEnd, 'end');
    box.dispatchEvent(new Event('input', { bubbles: true }));
  };
  function select(from, to) { box.setSelectionRange(from, to); mark(); }

  function wrap(sign) {
    var from = box.selectionStart, to = box.selectionEnd, n = sign.length;
    var text = box.value.slice(from, to), core = text.trim(), lead = text.indexOf(core);
    if (box.value.slice(from - n, from) === sign && box.value.slice(to, to + n) === sign) {
      desk.put(text, from - n, to + n);
      select(from - n, to - n);
      return;
    }
    desk.put(text.slice(0, lead) + sign + core + sign + text.slice(lead + core.length), from, to);
    select(from + lead + n, from + lead + n + core.length);
  }

  // The whole lines that are selected, each changed by `edit`.
  function lines(edit) {
    var text = box.value, from = text.slice(0, box.selectionStart).lastIndexOf('\n') + 1, to = box.selectionEnd;
    if (to > from && text[to - 1] === '\n') to--;
    to = text.indexOf('\n', to) < 0 ? text.length : text.indexOf('\n', to);
    var alone = box.selectionStart === box.selectionEnd, made = edit(text.slice(from, to).split('\n')).join('\n');
    desk.put(made, from, to);
    select(alone ? from + made.length : from, from + made.length);
  }
  var MARK = /^(\s*)([-*+] (\[.{0,5}\] )?|\d+[.)] |> |#{1,6} )?/;
  function prefix(sign) {
    var alike = { '#': /^## /, '- ': /^\s*[-*+] /, '1. ': /^\s*\d+\. /, '> ': /^\s*> / }[sign], number = 0;
    lines(function (all) {
      var off = all.every(function (line) { return alike.test(line) || (!line.trim() && all.length > 1); });
      if (sign === '#') sign = off ? '### ' : /^### /.test(all[0]) ? '' : '## ';
      else if (off) sign = '';
      return all.map(function (line) {
        var found = MARK.exec(line);
        if (!line.trim() && all.length > 1) return line;
        return found[1] + (sign === '1. ' ? ++number + '. ' : sign) + line.slice(found[0].length);
      });
    });
  }
  function indent(inwards) {
    lines(function (all) { return all.map(function (line) { return inwards ? (line && '  ' + line) : line.replace(/^ {1,2}/, ''); }); });
  }

  function link(address) {
    var from = box.selectionStart, text = box.value.slice(from, box.selectionEnd), isAddress = /^https?:\S+$/.test(text);
    desk.put(isAddress ? '[](' + text + ')' : '[' + text + '](' + address + ')');
    if (isAddress || !text) select(from + 1, from + 1);
    else select(from + text.length + 3, from + text.length + 3 + address.length);
  }

  // A template of several lines stands by itself, a question behind the one the caret is in; ids stay different.
  desk.insert = function (text) {
    var at = box.selectionEnd, value = box.value, heading;
    text = text.replace(/\{#([a-z0-9-]+)/g, function (whole, id) {
      var n = 1, free = id;
      while (value.indexOf('{#' + free) >= 0) free = id + '-' + ++n;
      return '{#' + free;
    });
    if (text.indexOf('\n') < 0) { desk.put(text); return; }
    if (/^## /.test(text)) {
      heading = value.slice(at).search(/\n#{1,2} /);
      at = heading < 0 ? value.length : at + heading + 1;
    } else if (/\S[^\n]*$/.test(value.slice(0, at))) {
      at = value.indexOf('\n', at) < 0 ? value.length : value.indexOf('\n', at) + 1;
    }
    var before = value.slice(0, at), gap = !before || /\n\n$/.test(before) ? '' : /\n$/.test(before) ? '\n' : '\n\n';
    text = text.replace(/\s+$/, '\n') + (/^(\n|$)/.test(value.slice(at)) ? '' : '\n');
    desk.put(gap + text, at, at);
    at += gap.length;
    desk.go(lineAt(at));
    var title = /^## (.*?)(?: \{#|\n)/.exec(text);
    if (title) select(at + 3, at + 3 + title[1].length);
  };

  // Enter goes on with a list, and ends it on an empty item.
  function goOn(event) {
    var at = box.selectionStart, value = box.value, from = value.slice(0, at).lastIndexOf('\n') + 1;
    var item = /^(\s*)([-*+]|(\d+)([.)]))( +)(\[.{0,5}\] +)?/.exec(value.slice(from, at));
    if (at !== box.selectionEnd || !item) return;
    event.preventDefault();
    if (item[0].length === at - from && !value.slice(at).split('\n')[0].trim()) { desk.put('', from, at); return; }
    desk.put('\n' + item[1] + (item[3] ? Number(item[3]) + 1 + item[4] : item[2]) + item[5] + (item[6] ? '[ ] ' : ''));
  }
  box.addEventListener('keydown', function (event) {
    var held = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.isComposing) return;
    if (event.key === 'Enter' && !held && !event.shiftKey) goOn(event);
    if (!held) return;
    var run = { b: function () { wrap('**'); }, i: function () { wrap('_'); }, ']': function () { indent(true); }, '[': function () { indent(false); } }[event.key.toLowerCase()];
    if (run) { event.preventDefault(); run(); }
  });

  // The toolbar: one stop for Tab, arrows inside.
  var buttons = Array.prototype.slice.call(tools.querySelectorAll('.ed-tool'));
  function stop(at) { buttons.forEach(function (b) { b.tabIndex = b === at ? 0 : -1; }); }
  stop(buttons[0]);
  tools.hidden = false;
  tools.addEventListener('focusin', function (event) { if (buttons.indexOf(event.target) >= 0) stop(event.target); });
  tools.addEventListener('keydown', function (event) {
    var place = buttons.indexOf(event.target), step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (place < 0 || !step) return;
    event.preventDefault();
    buttons[(place + step + buttons.length) % buttons.length].focus();
  });
  tools.addEventListener('click', function (event) {
    var button = event.target.closest('button'), what = button && button.dataset, menu = button && button.closest('details');
    if (!what) return;
    if (menu) menu.open = false;
    if (what.wrap) wrap(what.wrap);
    if (what.prefix) prefix(what.prefix);
    if (what.link) link(what.link);
    if (what.insert) desk.insert(what.insert);
  });
})();
