// Pictures and other files that are chosen, pasted or dropped go up and leave their Markdown in the text; what was pasted
// with headings, lists or tables can be had as Markdown.
(function () {
  'use strict';
  var desk = window.desk;
  if (!desk || !window.fetch) return;
  var form = desk.form, box = desk.box, say = desk.say, pasted = null;
  var note = form.querySelector('.ed-note'), words = note.querySelector('p'), convert = note.querySelector('[data-convert]'), close = note.querySelector('[data-close]');
  var chooser = form.querySelector('input[type=file]');
  desk.pending = [];

  function tell(text, offer) {
    words.textContent = text;
    convert.hidden = !offer;
    close.hidden = !text;
  }
  close.addEventListener('click', function () { tell(''); box.focus(); });

  function post(address, fields) {
    var body = new FormData();
    body.append('csrf_token', form.elements.csrf_token.value);
    Object.keys(fields).forEach(function (name) { body.append(name, fields[name]); });
    return fetch(address, { method: 'POST', body: body, credentials: 'same-origin', headers: { Accept: 'application/json' } }).then(function (answer) {
      return answer.json().then(function (data) {
        if (answer.status === 401) signInAgain(false, function () { if (desk.save) desk.save(); }, function () {});
        if (!answer.ok) throw { message: data.message };
        return data;
      });
    }).catch(function (error) { throw error instanceof Error ? { message: say.lineDown } : error; });
  }

  // What stands for a file until it is up; the caret stays where the writer has it meanwhile.
  function swap(mark, text) {
    var at = box.value.indexOf(mark), from = box.selectionStart, to = box.selectionEnd, more = text.length - mark.length;
    desk.pending = desk.pending.filter(function (one) { return one !== mark; });
    if (at < 0) { if (text) desk.insert(text); return; }
    if (document.activeElement === box) {
      desk.put(text, at, at + mark.length);
      if (from !== at + mark.length) box.setSelectionRange(from > at ? from + more : from, to > at ? to + more : to);
    } else {
      box.setRangeText(text, at, at + mark.length, 'preserve');
      box.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }
  function upload(files) {
    Array.prototype.forEach.call(files, function (file) {
      var mark = '![' + say.uploading.replace('%s', file.name.replace(/[\[\]\\]/g, '')) + ']()';
      while (box.value.indexOf(mark) >= 0) mark = mark.replace(']()', '.]()');
      desk.pending.push(mark);
      desk.put(mark);
      post(say.upload, { file: file }).then(function (got) {
        swap(mark, got.markdown);
        tell((got.notes || []).join(' '));
      }).catch(function (error) {
        swap(mark, '');
        tell(error.message);
      });
    });
  }
  form.querySelector('[data-upload]').addEventListener('click', function () { chooser.click(); });
  chooser.addEventListener('change', function () { upload(chooser.files); chooser.value = ''; });

  function hasFiles(event) { return event.dataTransfer && Array.prototype.indexOf.call(event.dataTransfer.types, 'Files') >= 0; }
  ['dragenter', 'dragover'].forEach(function (name) {
    box.addEventListener(name, function (event) { if (hasFiles(event)) { event.preventDefault(); box.parentNode.classList.add('drop-here'); } });
  });
  ['dragleave', 'drop'].forEach(function (name) { box.addEventListener(name, function () { box.parentNode.classList.remove('drop-here'); }); });
  box.addEventListener('drop', function (event) {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    upload(event.dataTransfer.files);
  });

  // Word and Excel put a picture of the text beside the text: where there is text, the text is meant.
  box.addEventListener('paste', function (event) {
    var data = event.clipboardData, plain = data.getData('text/plain'), html = data.getData('text/html');
    if (!plain && data.files.length) { event.preventDefault(); upload(data.files); return; }
    pasted = null;
    if (!/<(h[1-6]|table|ul|ol|img)\b|mso-list/i.test(html)) return;
    var from = box.selectionStart, after = box.value.length - box.selectionEnd;
    setTimeout(function () {
      pasted = { html: html, from: from, text: box.value.slice(from, box.value.length - after) };
      tell(say.offer, true);
    });
  });
  convert.addEventListener('click', function () {
    var it = pasted;
    convert.disabled = true;
    post(say.paste, { html: it.html }).then(function (got) {
      // The text may have moved meanwhile; where it is gone, the Markdown comes to the caret.
      var at = box.value.slice(it.from, it.from + it.text.length) === it.text ? it.from : box.value.indexOf(it.text);
      if (at < 0 || !it.text) desk.put(got.markdown); else desk.put(got.markdown, at, at + it.text.length);
      tell((got.notes || []).join(' '));
    }).catch(function (error) { tell(error.message, true); }).then(function () { convert.disabled = false; });
  });
})();
