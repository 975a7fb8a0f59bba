// Rows of a form: added, taken out and moved without a reload; names, labels and the focus follow. The same buttons
// work without this file.
(function () {
  'use strict';
  document.querySelectorAll('[data-rows]').forEach(function (box) {
    var list = box.querySelector('ol'), blank = box.querySelector('template'), says = box.querySelector('[data-says]');

    function number() {
      Array.prototype.forEach.call(list.children, function (row, place) {
        row.querySelectorAll('[id],[for]').forEach(function (one) {
          ['id', 'name', 'for', 'aria-describedby'].forEach(function (name) {
            var value = one.getAttribute(name);
            if (value) one.setAttribute(name, value.replace(/row-\d+-/g, 'row-' + place + '-'));
          });
        });
        row.querySelectorAll('[data-label]').forEach(function (one) {
          one.textContent = one.dataset.label.replace('%s', place + 1);
        });
        row.querySelectorAll('button').forEach(function (one) {
          one.value = place;
          one.disabled = one.name === 'up' ? !place : one.name === 'down' && !row.nextElementSibling;
        });
      });
    }

    box.addEventListener('click', function (event) {
      var button = event.target.closest('button'), row = button && button.closest('li');
      if (!button || (button.name === 'add' && list.children.length > 99)) return;
      event.preventDefault();
      var next, to = button;
      if (button.name === 'add') {
        row = list.appendChild(blank.content.firstElementChild.cloneNode(true));
        to = row.querySelector('textarea,input');
      } else if (button.name === 'remove') {
        next = row.nextElementSibling || row.previousElementSibling;
        to = next ? next.querySelector('[name=remove]') : box.querySelector('[name=add]');
        row.remove();
      } else {
        next = button.name === 'up' ? row.previousElementSibling : row.nextElementSibling.nextElementSibling;
        list.insertBefore(row, next);
      }
      number();
      if (to.disabled) to = row.querySelector('button:not(:disabled)');
      to.focus();
      if (next !== undefined && row.parentNode) {
        says.textContent = box.dataset.moved.replace('%s', Array.prototype.indexOf.call(list.children, row) + 1);
      }
    });
  });
})();
