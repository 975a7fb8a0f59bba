// Every page: text size and colours without a reload, menus that close, printing, focus on what is wrong, and old
// answers wiped once they are submitted.
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

  // The result page says whose attempt is graded: its answers need no longer be kept on this computer.
  var done = document.body.getAttribute('data-attempt-done');
  if (done) {
    try {
      localStorage.removeItem('a:' + done);
      localStorage.removeItem('f:' + done);
    } catch (ignored) { /* a browser that keeps nothing has nothing to wipe */ }
  }
})();
