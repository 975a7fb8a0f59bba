// What answers told of each question, under it in the preview: fetched once for each quiz, put in place again whenever the
// preview follows the text. Without this file the links to the statistics stay.
(function () {
  'use strict';
  var page = document.getElementById('noi-dung'), desk = window.desk || {}, told = new Map();

  function put(place, lines) {
    var line = lines.get(place.dataset.for);
    place.hidden = !line;
    if (!line) return;
    var said = line.cloneNode(true);
    said.querySelector('[data-changed]').hidden = said.dataset.asked === place.dataset.asked;
    place.replaceChildren.apply(place, Array.from(said.childNodes));
  }
  function fetched(url) {
    told.set(url, null);
    fetch(url, { credentials: 'same-origin' }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (html) {
      var lines = new Map();
      new DOMParser().parseFromString(html, 'text/html').querySelectorAll('[data-of]').forEach(function (line) {
        lines.set(line.dataset.of, line);
      });
      told.set(url, lines);
      desk.figures();
    }).catch(function () { told.delete(url); });
  }
  desk.figures = function () {
    page.querySelectorAll('[data-figures]').forEach(function (place) {
      var url = place.dataset.figures;
      if (!told.has(url)) fetched(url);
      else if (told.get(url)) put(place, told.get(url));
    });
  };
  if (window.fetch && window.DOMParser) desk.figures();
})();
