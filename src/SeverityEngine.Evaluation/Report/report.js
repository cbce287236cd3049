'use strict';
(() => {
  const table = document.getElementById('rows'), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const find = document.getElementById('find'), show = document.getElementById('show'), model = document.getElementById('model');
  const sort = document.getElementById('sort'), count = document.getElementById('count');
  const rows = Array.from(body.rows, (tr, at) => ({ tr, at, is: ` ${tr.dataset.is} `, text: null }));
  let order = { column: 0, down: false };

  // A cell's number is its first text; a minus sign is no hyphen.
  const valueOf = (row, column, isText) => {
    const cell = row.tr.cells[column];
    if (isText) return cell.firstChild ? cell.firstChild.textContent.toLowerCase() : '';
    const number = parseFloat(cell.textContent.replace('\u2212', '-'));
    return Number.isNaN(number) ? null : number;
  };

  const arrange = (column, down) => {
    order = { column, down };
    const isText = heads[column].dataset.sort === 'text';
    const collator = new Intl.Collator('en', { numeric: true });
    const keyed = rows.map((row) => ({ row, key: valueOf(row, column, isText) }));
    const compare = isText ? (a, b) => collator.compare(a, b) : (a, b) => a - b;
    // What has no value comes last in both directions.
    keyed.sort((a, b) => (a.key === null) - (b.key === null)
      || (a.key === null ? 0 : compare(a.key, b.key) * (down ? -1 : 1)) || a.row.at - b.row.at);
    const sorted = document.createDocumentFragment();
    for (const { row } of keyed) sorted.append(row.tr);
    body.append(sorted);
    for (const head of heads) {
      if (head.dataset.sort) head.removeAttribute('aria-sort');
    }
    heads[column].setAttribute('aria-sort', down ? 'descending' : 'ascending');
    sort.value = `${column} ${down ? 'down' : 'up'}`;
  };

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      if (words.length && row.text === null) row.text = row.tr.textContent.toLowerCase();
      const fits = (!show.value || row.is.includes(` ${show.value} `))
        && (!model || !model.value || row.is.includes(` ${model.value} `))
        && words.every((word) => row.text.includes(word));
      if (row.tr.hidden === fits) row.tr.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
  };

  heads.forEach((head, column) => {
    if (!head.dataset.sort) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    if (head.dataset.name !== head.textContent) button.setAttribute('aria-label', head.dataset.name);
    button.addEventListener('click', () => arrange(column, order.column === column && !order.down));
    head.replaceChildren(button);
    const isText = head.dataset.sort === 'text';
    for (const way of ['up', 'down']) {
      const words = isText ? (way === 'up' ? 'A to Z' : 'Z to A') : (way === 'up' ? 'lowest first' : 'highest first');
      sort.add(new Option(`${head.dataset.name}, ${words}`, `${column} ${way}`));
    }
  });
  sort.addEventListener('change', () => {
    const [column, way] = sort.value.split(' ');
    arrange(Number(column), way === 'down');
  });
  let waiting = 0;
  find.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  for (const choice of [show, model]) {
    if (choice) choice.addEventListener('change', filter);
  }
  // A link to a row that is filtered away leads to it all the same.
  addEventListener('hashchange', () => {
    const target = location.hash.startsWith('#r') && document.getElementById(location.hash.slice(1));
    if (!target || !target.hidden) return;
    find.value = show.value = '';
    if (model) model.value = '';
    filter();
    target.scrollIntoView();
  });
  heads[0].setAttribute('aria-sort', 'ascending');
  document.getElementById('controls').hidden = false;
  filter();
})();
