'use strict';
(() => {
  const at = (id) => document.getElementById(id);
  const columns = document.querySelector('meta[name=columns]').content.split(',');
  const body = at('table').tBodies[0];
  // A server that is busy is asked again for some minutes, one that could not do it a few times.
  const atOnce = 4, pause = 700, mostTries = { 429: 200, 503: 4 };
  const items = [];
  let chosen = null, working = 0;

  // Words.
  const withoutName = (text, name) => text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
  const sentence = (text) => text ? text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.') : '';
  const score = (value) => value.toFixed(1);
  const part = (row, path) => path.split('.').reduce((value, key) => value == null ? value : value[key], row);
  const isOutside = (row) => part(row, 'domain.verdict') === 'outside';
  const files = (count) => `${count} X-ray${count === 1 ? '' : 's'}`;

  // Files in.
  const add = (list) => {
    const added = Array.from(list, (file) => ({ file, name: file.name || 'pasted picture', row: null, error: null, x: null, o: null }));
    for (const item of added) {
      items.push(item);
      item.tr = tableRow(item);
      body.append(item.tr);
    }
    if (!added.length) return;
    at('results').hidden = false;
    document.body.classList.add('some');
    if (!chosen) choose(added[0]);
    say();
    work();
  };

  // A folder that is dropped gives what it holds, a batch at a time until there is no more.
  const within = async (entry) => {
    if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
    const reader = entry.createReader(), found = [];
    for (;;) {
      const batch = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!batch.length) return found;
      for (const inner of batch) found.push(...await within(inner));
    }
  };

  const dropped = async (transfer) => {
    const entries = Array.from(transfer.items, (item) => item.kind === 'file' && item.webkitGetAsEntry ? item.webkitGetAsEntry() : null);
    if (!entries.some((entry) => entry && entry.isDirectory)) return add(transfer.files);
    for (const entry of entries) {
      if (entry) add(await within(entry));
    }
  };

  at('files').addEventListener('change', (event) => { add(event.target.files); event.target.value = ''; });
  addEventListener('paste', (event) => add(event.clipboardData.files));
  addEventListener('dragover', (event) => { event.preventDefault(); at('drop').classList.add('over'); });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) at('drop').classList.remove('over'); });
  addEventListener('drop', (event) => {
    event.preventDefault();
    at('drop').classList.remove('over');
    dropped(event.dataTransfer);
  });

  // Scores out.
  const work = () => {
    while (working < atOnce) {
      const next = items.find((item) => !item.begun);
      if (!next) return;
      next.begun = true;
      working++;
      ask(next).then(() => { working--; done(next); work(); });
    }
  };

  const ask = async (item) => {
    try {
      for (let tries = 1; ; tries++) {
        const answer = await fetch(`/v1/predict?view=inline&name=${encodeURIComponent(item.name.slice(0, 1000))}`,
          { method: 'POST', body: item.file, headers: { 'Content-Type': 'application/octet-stream' } });
        if (tries < (mostTries[answer.status] || 1)) {
          await new Promise((go) => setTimeout(go, 1000 * Number(answer.headers.get('Retry-After') || 1) + pause * Math.random()));
          if (!items.includes(item)) return;
          continue;
        }
        const row = await answer.json();
        if (row.view) {
          item.x = picture(row.view.x_ray);
          item.o = picture(row.view.overlay);
          delete row.view;
        }
        item.row = { file: item.name, ...row };
        if (row.error_code) item.error = sentence(withoutName(row.error, item.name));
        return;
      }
    } catch {
      item.error = 'The server cannot be reached, or the file cannot be read. See whether both are still there, and choose the file again.';
      item.row = { file: item.name, error_code: 'unreachable', error: item.error };
    }
  };

  // A data: URL in its place would be kept as text, twice.
  const picture = (url) => {
    const [head, base64] = url.split(',');
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return URL.createObjectURL(new Blob([bytes], { type: head.slice(5).split(';')[0] }));
  };

  const done = (item) => {
    if (!items.includes(item)) return forget(item);
    fill(item);
    if (item === chosen) show(item);
    say();
  };

  const say = () => {
    const scored = items.filter((item) => item.row).length, failed = items.filter((item) => item.error).length;
    const errors = failed ? `, ${failed} without a score` : '';
    at('status').textContent = !items.length ? '' : scored < items.length ? `${scored} of ${files(items.length)} done${errors}`
      : `${files(items.length)} done${errors}`;
    at('save').disabled = !scored;
  };

  // The table.
  const make = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const tableRow = (item) => {
    const tr = make('tr'), head = make('th'), pick = make('button', 'pick'), thumb = make('img', 'thumb');
    head.scope = 'row';
    pick.type = 'button';
    thumb.alt = '';
    pick.append(thumb, make('span', '', item.name));
    pick.addEventListener('click', () => choose(item));
    head.append(pick);
    const extent = make('td', 'num'), opacity = make('td', 'num');
    extent.dataset.name = 'Extent';
    opacity.dataset.name = 'Opacity';
    tr.append(head, extent, opacity, make('td', 'remark', 'Waits'));
    return tr;
  };

  const fill = (item) => {
    const [, extent, opacity, remark] = item.tr.cells, row = item.row;
    if (item.x) item.tr.querySelector('.thumb').src = item.x;
    if (item.error) {
      remark.className = 'remark bad';
      remark.textContent = item.error;
      return;
    }
    extent.textContent = score(row.geographic_extent);
    opacity.textContent = score(row.opacity);
    item.tr.classList.toggle('void', isOutside(row));
    const odd = isOutside(row) ? ["Outside the model's domain: the scores mean nothing."] : row.warnings.map((w) => sentence(withoutName(w, item.name)));
    remark.className = isOutside(row) ? 'remark bad' : odd.length ? 'remark odd' : 'remark';
    remark.textContent = odd.join(' ');
  };

  body.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && items[items.findIndex((item) => item.tr.contains(event.target)) + step];
    if (!next) return;
    event.preventDefault();
    choose(next);
    next.tr.querySelector('.pick').focus();
  });

  // The one that is shown.
  const choose = (item) => {
    if (chosen) {
      chosen.tr.classList.remove('on');
      chosen.tr.querySelector('.pick').removeAttribute('aria-current');
    }
    chosen = item;
    item.tr.classList.add('on');
    item.tr.querySelector('.pick').setAttribute('aria-current', 'true');
    show(item);
  };

  const source = (image, url, alt) => {
    if (url) image.src = url;
    else image.removeAttribute('src');
    image.alt = url ? alt : '';
  };

  const show = (item) => {
    const row = item.row, isScored = row && !item.error;
    at('name').textContent = item.name;
    source(at('xray'), item.x, `The X-ray ${item.name}`);
    source(at('overlay'), item.o, '');
    at('waiting').hidden = Boolean(item.x);
    at('waiting').textContent = !row ? 'Being scored' : 'No picture';
    at('controls').hidden = at('scores').hidden = !isScored;
    const notes = [], facts = [];
    if (item.error) notes.push(note('This file has no score.', item.error, true));
    if (isScored) {
      gauge('extent', row.geographic_extent, 8, part(row, 'interval.geographic_extent'), part(row, 'interval.level'));
      gauge('opacity', row.opacity, 6, part(row, 'interval.opacity'), part(row, 'interval.level'));
      at('scores').classList.toggle('void', isOutside(row));
      const warnings = row.warnings.map((w) => sentence(withoutName(w, item.name)));
      if (isOutside(row)) notes.push(note("Outside the model's domain.", warnings.pop() || '', true));
      for (const warning of warnings) notes.push(note('Note.', warning, false));
      facts.push(`${row.width} × ${row.height} pixels`, `model ${row.model} ${row.model_version}`);
    }
    if (row && row.sha256) facts.push(`SHA-256 ${row.sha256.slice(0, 16)}…`);
    at('notes').replaceChildren(...notes);
    at('facts').textContent = facts.join(' · ');
  };

  const note = (title, text, isBad) => {
    const made = make('p', isBad ? 'note bad' : 'note');
    made.append(make('strong', '', title), ` ${text}`);
    return made;
  };

  const gauge = (id, value, most, interval, level) => {
    const box = at(id), meter = box.querySelector('.meter'), span = box.querySelector('.span');
    box.querySelector('b').textContent = score(value);
    box.querySelector('.here').style.left = `${100 * value / most}%`;
    span.hidden = !interval;
    let said = `${score(value)} on a scale from 0 to ${most}`;
    if (interval) {
      span.style.left = `${100 * interval.low / most}%`;
      span.style.width = `${100 * (interval.high - interval.low) / most}%`;
      said += `; ${score(interval.low)} to ${score(interval.high)} for ${Math.round(100 * level)} percent of experts`;
    }
    meter.setAttribute('aria-label', said);
    box.querySelector('.iv').textContent = interval
      ? `${Math.round(100 * level)} % of experts' scores lie within ${score(interval.low)} to ${score(interval.high)}.` : '';
  };

  at('strength').addEventListener('input', (event) => {
    at('overlay').style.opacity = event.target.value / 100;
    at('percent').textContent = `${event.target.value} %`;
  });
  at('overlay').style.opacity = at('strength').value / 100;

  // The table as a file, with the columns of severity predict. What a spreadsheet would take for a formula gets an apostrophe in front.
  const field = (value) => {
    if (value == null) return '';
    let text = Array.isArray(value) ? value.join('; ') : String(value);
    if (typeof value !== 'number' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  at('save').addEventListener('click', () => {
    const rows = items.filter((item) => item.row).map((item) => columns.map((column) => field(part(item.row, column))).join(','));
    const link = make('a');
    link.href = URL.createObjectURL(new Blob([[columns.join(','), ...rows].join('\r\n'), '\r\n'], { type: 'text/csv' }));
    link.download = 'severity.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  const forget = (item) => {
    for (const url of [item.x, item.o]) {
      if (url) URL.revokeObjectURL(url);
    }
  };

  at('clear').addEventListener('click', () => {
    items.forEach(forget);
    items.length = 0;
    chosen = null;
    body.replaceChildren();
    at('results').hidden = true;
    document.body.classList.remove('some');
    say();
    at('files').focus();
  });
})();
