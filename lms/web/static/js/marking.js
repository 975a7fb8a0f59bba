// Marking: drafts are kept while one types, points add up, comments are used again. The page works without this file.
(function () {
  'use strict';
  var form = document.getElementById('cham');
  if (!form || !window.fetch) return;
  var state = form.querySelector('[data-state]'), total = form.querySelector('[data-total]'), timer = null, wait = 1000;
  var draft = null, boxes = Array.prototype.slice.call(form.querySelectorAll('[name^="points-"]'));

  function add() {
    var given = boxes.map(function (box) { return parseFloat(box.value.replace(',', '.')); }).filter(isFinite);
    total.textContent = given.length ? String(Math.round(100 * given.reduce(function (a, b) { return a + b; }, 0)) / 100).replace('.', ',') : '–';
  }
  function keep() {
    clearTimeout(timer);
    draft = window.AbortController ? new AbortController() : null;
    fetch(form.action, {
      method: 'POST', credentials: 'same-origin', signal: draft ? draft.signal : undefined, headers: { Accept: 'application/json' }, body: new URLSearchParams(new FormData(form))
    }).then(function (answer) {
      return answer.json().then(function (data) {
        state.textContent = data.saved || data.message || form.dataset.failed;
        if (data.seen) form.elements.seen.value = data.seen;
        wait = 1000;
      });
    }).catch(function (error) {
      if (error.name === 'AbortError') return;
      state.textContent = form.dataset.failed;
      wait = Math.min(2 * wait, 30000);
      later(wait);
    });
  }
  function later(delay) { clearTimeout(timer); timer = setTimeout(keep, delay); }
  form.addEventListener('input', function () { add(); later(1200); });
  form.addEventListener('submit', function () { clearTimeout(timer); if (draft) draft.abort(); });
  form.querySelectorAll('[data-comment]').forEach(function (button) {
    button.hidden = false;
    button.addEventListener('click', function () {
      var box = form.elements.comment;
      box.value = (box.value.trim() ? box.value.trim() + '\n' : '') + button.dataset.comment;
      box.focus();
      later(0);
    });
  });
})();
