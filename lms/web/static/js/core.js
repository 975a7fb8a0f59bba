// Every page: text size and colours without a reload, focus on what is wrong, and old answers wiped once they are submitted.
(function () {
  'use strict';
  var root = document.documentElement;

  document.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter;
    if (!form.hasAttribute('data-display') || !button || !window.fetch) return;
    event.preventDefault();
    root.setAttribute('data-' + button.name, button.value);
    form.querySelectorAll('button').forEach(function (other) {
      other.setAttribute('aria-pressed', String(other === button));
    });
    var body = new FormData(form);
    body.append(button.name, button.value);
    fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin', keepalive: true });
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
