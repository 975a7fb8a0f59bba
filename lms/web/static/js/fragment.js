// Parts of staff pages that another feature makes: a link without this file, the part itself with it.
(function () {
  'use strict';
  document.querySelectorAll('[data-fetch]').forEach(function (place) {
    fetch(place.dataset.fetch, { credentials: 'same-origin' }).then(function (answer) {
      return answer.ok ? answer.text() : null;
    }).then(function (html) {
      if (html) place.replaceChildren(document.createRange().createContextualFragment(html));
    }).catch(function () { /* the link stays */ });
  });
})();
