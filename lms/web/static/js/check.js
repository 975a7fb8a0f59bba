// A self-check in a lesson: its answer is told in its place, without loading the page anew. Without this file it is, too.
(function () {
  'use strict';
  if (!window.fetch || !window.DOMParser) return;
  document.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter;
    if (!form.hasAttribute('data-check')) return;
    event.preventDefault();
    var body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    form.setAttribute('aria-busy', 'true');
    fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin' }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (text) {
      var made = new DOMParser().parseFromString(text, 'text/html').getElementById(form.id);
      form.replaceWith(made);
      var told = made.querySelector('.review, .error, [data-move]');
      if (told) { if (!told.matches('button')) told.setAttribute('tabindex', '-1'); told.focus({ preventScroll: true }); }
    }).catch(function () { form.removeAttribute('aria-busy'); form.submit(); });
  });
})();
