// Every page: text size and colours without a reload, menus that close, printing, focus on what is wrong, signing in
// again in place, and old answers wiped once they are submitted.
(function () {
  'use strict';
  var root = document.documentElement;

  document.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter;
    if (!form.hasAttribute('data-display') || !button || !window.fetch) return;
    event.preventDefault();
    root.setAttribute('data-' + button.name, button.value);
    // The same buttons stand twice: in the bar and in the menu of phones.
    document.querySelectorAll('[data-display] [name="' + button.name + '"]').forEach(function (other) {
      other.setAttribute('aria-pressed', String(other.value === button.value));
    });
    var body = new FormData(form);
    body.append(button.name, button.value);
    fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin', keepalive: true });
  });

  // An open menu closes when something else is pressed, and on Escape, which gives the focus back.
  function close(except) {
    document.querySelectorAll('details[data-menu][open]').forEach(function (menu) {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  }
  document.addEventListener('click', function (event) { close(event.target); });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    var menu = document.activeElement && document.activeElement.closest('details[data-menu][open]');
    close(null);
    if (menu) menu.querySelector('summary').focus();
  });

  document.querySelectorAll('[data-print]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () { window.print(); });
  });

  var wrong = document.querySelector('[data-focus]');
  if (wrong) wrong.focus();

  // Signing in again in place, for pages that hold what was not sent yet: done(token) sends it, down() waits for the line.
  var dialog = document.getElementById('sign-in'), again = {};
  window.signInAgain = function (newPassword, done, down) {
    again = { done: done, down: down };
    document.getElementById('new-password').hidden = !newPassword;
    if (!dialog.open && dialog.showModal) { dialog.showModal(); document.getElementById('again-password').focus(); }
  };
  if (dialog) dialog.querySelector('form').addEventListener('submit', function (event) {
    event.preventDefault();
    var box = document.getElementById('again-password'), error = document.getElementById('sign-in-error');
    fetch(dialog.dataset.url, {
      method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ login: document.getElementById('again-login').value, password: box.value })
    }).then(function (answer) { return answer.json().then(function (data) { return [answer.ok, data]; }); }).then(function (got) {
      error.hidden = got[0];
      if (!got[0]) { error.textContent = got[1].message; return; }
      document.querySelectorAll('input[name=csrf_token]').forEach(function (i) { i.value = got[1].csrf_token; });
      box.value = '';
      dialog.close();
      again.done(got[1].csrf_token);
    }).catch(function () { again.down(); });
  });

  // The result page says whose attempt is graded: its answers need no longer be kept on this computer.
  var done = document.body.getAttribute('data-attempt-done');
  if (done) {
    try {
      localStorage.removeItem('a:' + done);
      localStorage.removeItem('f:' + done);
    } catch (ignored) { /* a browser that keeps nothing has nothing to wipe */ }
  }
})();
