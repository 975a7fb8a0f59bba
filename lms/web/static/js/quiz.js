// An attempt: every answer is kept on this computer at once, sent within a second, and forgotten only when the
// server has acknowledged that very answer. The page works without this file; sentences stand in the page.
(function () {
  'use strict';
  var form = document.getElementById('quiz');
  if (!form || !window.fetch) return;

  var key = form.dataset.user + ':' + form.dataset.attempt;
  var queueKey = 'a:' + key, flagKey = 'f:' + key;
  var say = document.getElementById('sentences').dataset;
  var sections = Array.prototype.slice.call(form.querySelectorAll('.q'));
  var status = document.getElementById('saved'), offline = document.getElementById('offline');
  var memory = {}, timer = null, wait = 1000, sending = false, goal = null, lastSaved = '', current = 1;

  // The queue: {question: {values, revision, at}}. Other tabs write it too, so it is read anew before each change.
  function load(name) {
    try { return JSON.parse(localStorage.getItem(name) || '{}') || {}; } catch (ignored) { return null; }
  }
  function queue() { return load(queueKey) || memory; }
  function change(edit) {
    var now = queue();
    edit(now);
    memory = now;
    try {
      if (Object.keys(now).length) localStorage.setItem(queueKey, JSON.stringify(now));
      else localStorage.removeItem(queueKey);
    } catch (ignored) { document.getElementById('no-storage').hidden = false; }
  }
  try { localStorage.setItem('t', '1'); localStorage.removeItem('t'); } catch (ignored) { document.getElementById('no-storage').hidden = false; }

  function section(n) { return document.getElementById('cau-' + n); }
  function inputs(n) { return Array.prototype.slice.call(form.querySelectorAll('[name="q-' + n + '"]')); }
  function isTick(i) { return /radio|checkbox/.test(i.type); }
  // What stands in the question: the ticked values, or every field in its order; [] when nothing was given. Steps that
  // stand as they were shown were not moved yet.
  function values(n) {
    var fields = inputs(n);
    var found = (fields.length && isTick(fields[0]) ? fields.filter(function (i) { return i.checked; }) : fields)
      .map(function (i) { return i.value; });
    var unmoved = fields.length && fields[0].type === 'hidden' && found.every(function (v, place) { return v === String(place); });
    return unmoved || !found.some(function (v) { return v.trim(); }) ? [] : found;
  }
  function put(n, wanted) {
    var fields = inputs(n), rows = section(n).querySelector('.order');
    if (rows) {
      (wanted.length ? wanted : fields.map(function (_, place) { return String(place); })).forEach(function (value) {
        var field = inputs(n).filter(function (i) { return i.value === value; })[0];
        if (field) rows.appendChild(field.closest('li'));
      });
      ends(rows);
    } else fields.forEach(function (i, place) {
      if (isTick(i)) i.checked = wanted.indexOf(i.value) >= 0;
      else i.value = wanted[place] || '';
    });
    mark(n);
  }
  function same(a, b) { return a.join('\u0000') === b.join('\u0000'); }

  // Steps move by two buttons; the first has no way up, the last none down.
  function ends(rows) {
    Array.prototype.forEach.call(rows.children, function (row, place) {
      row.querySelector('[data-move="-1"]').disabled = place === 0;
      row.querySelector('[data-move="1"]').disabled = place === rows.children.length - 1;
    });
  }
  function move(button) {
    var row = button.closest('li'), rows = row.parentNode, up = button.dataset.move === '-1';
    var other = up ? row.previousElementSibling : row.nextElementSibling, n = row.closest('.q').dataset.question;
    if (!other) return;
    rows.insertBefore(up ? row : other, up ? other : row);
    ends(rows);
    (button.disabled ? row.querySelector('[data-move]:not(:disabled)') : button).focus();
    section(n).querySelector('[data-says]').textContent = rows.dataset.moved.replace('%s', Array.prototype.indexOf.call(rows.children, row) + 1);
    keep(n);
    later(300);
  }

  function mark(n) {
    form.querySelectorAll('.grid [data-go="' + n + '"]').forEach(function (b) { b.classList.toggle('ans', values(n).length > 0); });
    var count = sections.filter(function (s) { return values(s.dataset.question).length; }).length;
    form.querySelectorAll('[data-count]').forEach(function (b) { b.textContent = count; });
  }

  function state(kind) {
    var held = Object.keys(queue()).length, wrong = kind === 'saved' && form.querySelector('[data-error]:not([hidden])');
    var words = wrong ? say.refused.replace('%s', wrong.closest('.q').dataset.question) : kind === 'held' ? (held ? say.held.replace('%s', held) : say.offline) : kind === 'saving' ? say.saving : say.saved.replace('%s', lastSaved);
    status.className = 'saved' + (kind === 'held' || wrong ? ' held' : kind === 'saving' ? ' wait' : '');
    var place = status.querySelector('span');
    if (place.textContent !== words) place.textContent = words;
    offline.hidden = kind !== 'held';
    if (kind === 'held') document.getElementById('held-count').textContent = held ? say.heldBanner.replace('%s', held) : say.heldNone;
  }

  function keep(n) {
    goal = null;
    change(function (now) {
      now[n] = { values: values(n), revision: Number(section(n).dataset.revision), at: new Date().toISOString() };
    });
    section(n).querySelector('[data-error]').hidden = true;
    mark(n);
    state('saving');
  }
  function later(delay) { clearTimeout(timer); timer = setTimeout(send, delay); }

  function send(leaving) {
    clearTimeout(timer);
    var now = queue(), numbers = Object.keys(now);
    if (!numbers.length) { if (lastSaved) state('saved'); arrive(); return Promise.resolve(true); }
    if (sending && leaving !== true) { later(300); return Promise.resolve(false); }
    sending = true;
    var body = { answers: numbers.map(function (n) { return { question: Number(n), values: now[n].values, revision: now[n].revision, at: now[n].at }; }) };
    var stop = window.AbortController && leaving !== true ? new AbortController() : null;
    var limit = stop && setTimeout(function () { stop.abort(); }, 15000);
    return fetch(form.dataset.saveUrl, {
      method: 'POST', credentials: 'same-origin', keepalive: leaving === true && JSON.stringify(body).length < 20000, signal: stop ? stop.signal : undefined,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': form.dataset.csrf },
      body: JSON.stringify(body)
    }).then(function (answer) {
      return answer.json().catch(function () { return {}; }).then(function (data) { return received(answer.status, data, now); });
    }).catch(function () { return held(); }).then(function (done) { clearTimeout(limit); sending = false; return done; });
  }

  function received(code, data, sent) {
    if (code === 401 || (code === 403 && data.reason === 'csrf') || data.reason === 'new-password') {
      signIn(data.reason === 'new-password');
      state('held');
      return false;
    }
    if (code === 409 && data.closed) { window.location.href = data.url; return false; }
    if (!data.answers) return held();
    wait = 1000;
    if (data.saved_at) lastSaved = data.saved_at;
    learn(data);
    data.answers.forEach(function (one) {
      var box = section(one.question), mine = sent[one.question];
      if (!box || !mine) return;
      if (one.message) {
        var error = box.querySelector('[data-error]');
        error.textContent = one.message;
        error.hidden = false;
      } else {
        box.dataset.revision = one.revision;
        if (one.conflict) box.querySelector('[data-says]').textContent = say.conflict.replace('%s', one.question);
      }
      change(function (now) {
        var waiting = now[one.question];
        if (!waiting) return;
        if (waiting.at === mine.at && same(waiting.values, mine.values)) delete now[one.question];
        else if (!one.message) waiting.revision = one.revision;
      });
      // What holds is what the page shows, also where this answer was overtaken by a newer one.
      if (!one.message && !queue()[one.question] && !same(values(one.question), one.values)) put(one.question, one.values);
    });
    if (Object.keys(queue()).length) { state('saving'); later(300); } else { state('saved'); arrive(); }
    return true;
  }

  // What waits until everything is sent: going to the check page, submitting at the end of the time, signing out.
  // Files that were chosen go before it, one after another, and are not forgotten when somebody types on.
  var uploads = [], uploading = false;
  function whenSent(action) { goal = action; send(); }
  function arrive() {
    if (uploading) return;
    if (uploads.length) { uploading = true; uploads.shift()(); return; }
    var action = goal;
    goal = null;
    if (action) action();
  }
  function uploaded(worked) {
    uploading = false;
    if (uploads.length || goal) arrive();
    else if (worked) window.location.reload();
  }

  function held() {
    state('held');
    wait = Math.min(wait * 2, 30000);
    later(wait / 2);
    return false;
  }

  // Signing in again in place: the form stays as it is, the queue is sent afterwards.
  function signIn(newPassword) {
    signInAgain(newPassword, function (token) { form.dataset.csrf = token; send(); }, held);
  }

  // What is given is kept at once.
  var typedAt = 0;
  form.addEventListener('change', function (event) {
    var match = /^q-(\d+)$/.exec(event.target.name || '');
    if (event.target.type === 'file' && event.target.files.length) sendFiles(event.target);
    if (match) { keep(match[1]); later(isTick(event.target) || event.target.tagName === 'SELECT' ? 300 : 0); }
  });
  form.addEventListener('input', function (event) {
    var match = /^q-(\d+)$/.exec(event.target.name || '');
    if (!match || isTick(event.target) || event.target.tagName === 'SELECT') return;
    keep(match[1]);
    if (!typedAt) typedAt = Date.now();
    var due = Date.now() - typedAt > 10000;
    if (due) typedAt = 0;
    later(due ? 0 : 1500);
  });
  function leave() { if (Object.keys(queue()).length) send(true); }
  document.addEventListener('visibilitychange', function () { if (document.visibilityState === 'hidden') leave(); });
  window.addEventListener('pagehide', leave);
  window.addEventListener('online', function () { wait = 1000; send(); });
  window.addEventListener('offline', function () { state('held'); });
  document.getElementById('retry').addEventListener('click', function () { wait = 1000; send(); });
  window.addEventListener('storage', function (event) {
    if (event.key !== queueKey) return;
    var now = queue();
    Object.keys(now).forEach(function (n) { if (section(n) && !same(values(n), now[n].values)) put(n, now[n].values); });
  });

  // A file is sent as soon as it is chosen, after the answers that still wait; the page that comes back lists it.
  function sendFiles(input) {
    var box = input.closest('.q'), n = box.dataset.question, says = box.querySelector('[data-says]'), error = box.querySelector('[data-error]');
    var chosen = Array.prototype.slice.call(input.files), at = new Date().toISOString();
    function fail(words) { error.textContent = words; error.hidden = false; says.textContent = ''; input.value = ''; uploaded(false); }
    error.hidden = true;
    if (Object.keys(queue()).length) says.textContent = input.dataset.waiting;
    uploads.push(function () {
      var data = new FormData(), sent = new XMLHttpRequest();
      data.append('csrf_token', form.dataset.csrf);
      data.append('go', n);
      data.append('at', at);
      chosen.forEach(function (file) { data.append(input.name, file); });
      sent.open('POST', form.action);
      sent.upload.onprogress = function (event) { says.textContent = input.dataset.sending.replace('%s', Math.floor(100 * event.loaded / event.total) + ' %'); };
      sent.onerror = function () { fail(input.dataset.failed); };
      sent.onload = function () {
        if (sent.status === 401) { signInAgain(false, function (token) { form.dataset.csrf = token; uploading = false; sendFiles(input); }, function () { fail(input.dataset.failed); }); return; }
        if (sent.status === 200) { uploaded(true); return; }
        var page = new DOMParser().parseFromString(sent.responseText, 'text/html');
        var told = page.querySelector('#cau-' + n + ' [data-error]') || page.querySelector('main p') || page.body;
        fail(told.textContent.trim());
      };
      sent.send(data);
    });
    send();
  }

  // One question in view; going on saves nothing anew, because everything is kept already.
  function go(n, focus) {
    current = Math.max(1, Math.min(sections.length, n));
    sections.forEach(function (s) { s.hidden = Number(s.dataset.question) !== current; });
    form.querySelectorAll('.grid [data-go]').forEach(function (b) {
      if (Number(b.dataset.go) === current) b.setAttribute('aria-current', 'step'); else b.removeAttribute('aria-current');
    });
    history.replaceState(null, '', '?cau=' + current);
    document.title = say.title.replace('%s', current + '/' + sections.length) + ': ' + form.dataset.title;
    if (focus) { document.getElementById('t-' + current).focus({ preventScroll: true }); window.scrollTo(0, 0); }
  }
  form.addEventListener('click', function (event) {
    var to = event.target.closest('[data-go]'), flag = event.target.closest('[data-flag]'), moved = event.target.closest('[data-move]');
    if (moved) { event.preventDefault(); move(moved); }
    if (to) { event.preventDefault(); go(Number(to.dataset.go), true); var open = to.closest('details'); if (open) open.open = false; }
    if (flag) { flags(flag.dataset.flag); }
  });
  form.addEventListener('submit', function (event) {
    if (event.submitter && event.submitter.name === 'take_out') return;
    // Check and submit: what is not sent yet goes first.
    event.preventDefault();
    if (event.submitter && event.submitter.value === 'nop') whenSent(function () { window.location.href = form.dataset.submitUrl; });
    else go(current + 1, true);
  });
  document.addEventListener('submit', function (event) {
    if (!event.target.hasAttribute('data-sign-out') || !Object.keys(queue()).length) return;
    event.preventDefault();
    whenSent(function () { event.target.submit(); });
  });

  function flags(toggled) {
    var now = load(flagKey) || {};
    if (toggled) {
      if (now[toggled]) delete now[toggled]; else now[toggled] = 1;
      try { localStorage.setItem(flagKey, JSON.stringify(now)); } catch (ignored) { /* flags are a comfort only */ }
    }
    form.querySelectorAll('[data-flag]').forEach(function (b) { b.hidden = false; b.setAttribute('aria-pressed', String(Boolean(now[b.dataset.flag]))); });
    form.querySelectorAll('.grid [data-go]').forEach(function (b) { b.classList.toggle('flg', Boolean(now[b.dataset.go])); });
  }

  // The clock shows the server's time left; the page's own clock only counts in between.
  var clock = document.getElementById('clock'), says = document.getElementById('time-says'), end = null, warned = {};
  function sync(seconds) { end = performance.now() + seconds * 1000; }
  // More time may have been given meanwhile: an empty save tells how much is left.
  function ask(over) {
    var stop = window.AbortController ? new AbortController() : null;
    if (stop) setTimeout(function () { stop.abort(); }, 15000);
    fetch(form.dataset.saveUrl, {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify({ answers: [] }), signal: stop ? stop.signal : undefined,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': form.dataset.csrf }
    }).then(function (answer) { return answer.json(); }).then(function (data) {
      learn(data);
      if (data.seconds_left > 0) warned.over = false; else over();
    }).catch(over);
  }
  // Every answer of the server says how much is left; another deadline than the page's own means that more was given.
  function learn(data) {
    if (end === null || typeof data.seconds_left !== 'number') return;
    sync(data.seconds_left);
    if (data.deadline === form.dataset.deadline) return;
    form.dataset.deadline = data.deadline;
    // What is said now is not followed at once by how little is left: the clock shows it.
    warned = { five: data.seconds_left <= 300, one: data.seconds_left <= 60 };
    says.textContent = says.dataset.more.replace('%s', data.finish_before);
    document.getElementById('more-time').hidden = false;
    document.getElementById('more-time-says').textContent = says.textContent;
    tick();
  }
  function tick() {
    var left = Math.max(0, Math.round((end - performance.now()) / 1000));
    clock.textContent = (left < 600 ? '0' : '') + Math.floor(left / 60) + ':' + ('0' + left % 60).slice(-2);
    document.getElementById('time').classList.toggle('is-low', left <= 300);
    if (left <= 300 && left > 60 && !warned.five) { warned.five = true; says.textContent = says.dataset.five; }
    if (left <= 60 && !warned.one) { warned.one = true; says.textContent = says.dataset.one; }
    if (left === 0 && !warned.over) {
      warned.over = true;
      whenSent(function () { ask(function () { document.getElementById('submit-form').submit(); }); });
    }
  }
  if (clock && form.dataset.deadlineSeconds !== undefined) {
    sync(Number(form.dataset.deadlineSeconds));
    setInterval(tick, 1000);
    // Who thinks for long saves nothing; she learns of more time all the same.
    setInterval(function () { if (document.visibilityState === 'visible' && !sending && end > performance.now()) ask(function () {}); }, 60000);
    var hide = document.getElementById('hide-clock');
    hide.hidden = false;
    hide.addEventListener('click', function () {
      clock.hidden = !clock.hidden;
      hide.setAttribute('aria-pressed', String(clock.hidden));
    });
  }

  // What an earlier visit could not send is put back into the form and sent now.
  var waiting = queue();
  Object.keys(waiting).forEach(function (n) { if (section(n)) put(n, waiting[n].values); });
  flags();
  var shown = sections.filter(function (s) { return !s.hidden; })[0];
  go(shown ? Number(shown.dataset.question) : 1, false);
  if (Object.keys(waiting).length) { state('saving'); send(); }
})();
