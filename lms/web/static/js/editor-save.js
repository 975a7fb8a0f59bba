// Saving a file of a course: by itself while one writes, kept on this computer until the server has it, and never over
// what somebody else wrote. Sentences stand in the page.
(function () {
  'use strict';
  // On the page of two texts: what is written there is kept on this computer too, until the editor sees it saved.
  var both = document.querySelector('[data-copy]'), desk = window.desk;
  if (both) both.addEventListener('input', function () {
    try {
      localStorage.setItem(both.dataset.copy, JSON.stringify({ text: both.value, version: both.form.elements.version.value, at: new Date().toTimeString().slice(0, 5) }));
    } catch (ignored) { /* what is sent is safe */ }
  });
  if (!desk || !window.fetch) return;
  var form = desk.form, box = desk.box, say = desk.say, key = say.key;
  var version = form.elements.version, status = document.getElementById('ed-saved'), note = form.querySelector('.ed-note [role=status]');
  var saved = text(), timer = null, keeper = null, typedAt = 0, wait = 1000, sending = null, leaving = false, lost = false, goals = [];

  // What is on its way up is not part of the text yet.
  function text() {
    return (desk.pending || []).reduce(function (value, mark) { return value.replace(mark, ''); }, box.value);
  }
  function unsaved() { return text() !== saved; }

  function state(kind, words) {
    var place = status.querySelector('span');
    status.className = 'ed-state ' + kind;
    if (place.textContent !== words) place.textContent = words;
  }
  // What a saving said goes when the next one succeeds; what others told of the text stays.
  var said = '';
  function tell(words) {
    if (words || note.textContent === said) note.textContent = words || '';
    said = words || '';
  }
  function held() { state('held', lost ? say.lost : say.held); }

  // The copy on this computer: the text, the version it stands on, and what was being sent.
  function keep() {
    clearTimeout(keeper);
    keeper = null;
    try {
      if (!unsaved()) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ text: text(), version: version.value, sent: sending, at: new Date().toTimeString().slice(0, 5) }));
      lost = false;
    } catch (ignored) { lost = true; }
  }

  function later(delay) { clearTimeout(timer); timer = setTimeout(send, delay); }
  function arrive() { var all = goals; goals = []; all.forEach(function (go) { go(); }); }

  function send() {
    clearTimeout(timer);
    typedAt = 0;
    if (sending !== null || leaving) return;
    if (!unsaved()) { arrive(); return; }
    var body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, version: version.value, text: text() }).toString();
    var stop = window.AbortController ? new AbortController() : null, limit = stop && setTimeout(function () { stop.abort(); }, 20000);
    sending = text();
    keep();
    state('wait', say.saving);
    fetch(form.action, {
      method: 'POST', credentials: 'same-origin', keepalive: body.length < 60000, signal: stop ? stop.signal : undefined,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }, body: body
    }).then(function (answer) {
      return answer.json().then(function (data) { received(answer.status, data); });
    }).catch(function () {
      sending = null;
      held();
      later(wait);
      wait = Math.min(wait * 2, 30000);
    }).then(function () { clearTimeout(limit); });
  }

  function received(code, data) {
    var sent = sending;
    sending = null;
    if (code === 200) {
      saved = sent;
      version.value = data.version;
      wait = 1000;
      keep();
      tell('');
      state('', say.saved.replace('%s', data.saved_at));
      if (unsaved()) later(1500); else arrive();
    } else if (code === 409) {
      leaving = true; // the server shows both texts
      form.submit();
    } else {
      held();
      if (code === 401 || data.reason === 'csrf' || data.reason === 'new-password') signInAgain(data.reason === 'new-password', send, held);
      else { goals = []; tell(data.message); if (code >= 500) later(wait = Math.min(wait * 2, 30000)); }
    }
  }

  box.addEventListener('input', function () {
    if (!unsaved()) { clearTimeout(timer); keep(); return; }
    if (!keeper) keeper = setTimeout(keep, 400);
    if (!typedAt) typedAt = Date.now();
    state('wait', say.saving);
    later(Math.max(0, Math.min(1500, typedAt + 10000 - Date.now())));
  });
  desk.save = send;
  desk.whenSaved = function (go) { if (unsaved()) { goals.push(go); send(); } else go(); };

  form.addEventListener('submit', function (event) { event.preventDefault(); send(); });
  document.addEventListener('keydown', function (event) {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') { event.preventDefault(); send(); }
  });
  box.addEventListener('blur', function () { if (unsaved()) send(); });
  function leave() { if (unsaved()) { keep(); send(); } }
  document.addEventListener('visibilitychange', function () { if (document.visibilityState === 'hidden') leave(); });
  window.addEventListener('pagehide', leave);
  window.addEventListener('online', function () { wait = 1000; send(); });
  window.addEventListener('offline', function () { if (unsaved()) held(); });
  window.addEventListener('beforeunload', function (event) {
    if (leaving || !unsaved()) return;
    keep();
    event.preventDefault();
    event.returnValue = '';
  });
  // A link or a button elsewhere on the page waits until the text is saved.
  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[href]');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target || !unsaved()) return;
    if (link.href.split('#')[0] === window.location.href.split('#')[0]) return;
    event.preventDefault();
    desk.whenSaved(function () { window.location.href = link.href; });
  });
  document.addEventListener('submit', function (event) {
    var other = event.target;
    if (other === form || event.defaultPrevented || other.method !== 'post' || !unsaved()) return;
    event.preventDefault();
    desk.whenSaved(function () { other.submit(); });
  });

  // What an earlier visit could not save: put back by itself where nobody else wrote meanwhile, offered otherwise.
  var banner = document.getElementById('kept'), copy = null;
  try { copy = JSON.parse(localStorage.getItem(key) || 'null'); } catch (ignored) { /* no copy that can be read */ }
  function take() {
    banner.hidden = true;
    desk.put(copy.text, 0, box.value.length);
  }
  if (!copy || typeof copy.text !== 'string' || copy.text === saved) keep();
  else if (String(copy.version) === version.value || copy.sent === saved) take();
  else {
    banner.querySelector('[data-kept-at]').textContent = say.kept.replace('%s', copy.at);
    banner.hidden = false;
    banner.addEventListener('click', function (event) {
      var what = event.target.closest('[data-kept]');
      if (!what) return;
      if (what.dataset.kept === 'take') take(); else { banner.hidden = true; keep(); box.focus(); }
    });
  }
})();
