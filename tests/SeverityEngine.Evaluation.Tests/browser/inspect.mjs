// Opens a report in headless Chromium and prints what it finds as JSON.
// Usage: node inspect.mjs CHROMIUM REPORT
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, report] = process.argv.slice(2);
const address = pathToFileURL(report).href;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const found = { errors: [], requests: [], axe: [], overflows: [] };

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('console', (message) => found.errors.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => found.errors.push(error.message));
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address && !request.url().startsWith('data:')) found.requests.push(request.url());
  });
  await page.goto(address);
  return page;
}

const visible = (page) => page.$$eval('#rows tbody tr', (rows) =>
  rows.filter((row) => row.offsetParent !== null).map((row) => Number(row.cells[0].textContent)));
const numbers = (page, style) => page.$$eval(`#rows tbody td.${style}`, (cells) => cells.map((cell) => {
  const number = parseFloat(cell.textContent.replace('\u2212', '-'));
  return Number.isNaN(number) ? null : number;
}));
const sorts = (page) => page.$$eval('#rows th[data-sort]', (heads) => Object.fromEntries(
  heads.map((head) => [head.dataset.name, head.getAttribute('aria-sort')])));

const page = await open();
found.research = await page.locator('header').innerText();
found.titles = await page.$$eval('#rows tbody td.f', (cells) => cells.map((cell) =>
  (cell.querySelector('.place')?.textContent ?? '') + cell.querySelector('b').textContent));
found.remarks = await page.$$eval('#rows tbody td.f', (cells) =>
  cells.map((cell) => Array.from(cell.querySelectorAll('.note'), (note) => note.textContent)));
found.all = await visible(page);
found.foreign = await page.evaluate(() => ({
  scripts: document.scripts.length,
  handlers: [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on'))).length,
  images: [...document.images].filter((image) => !image.src.startsWith('data:image/jpeg;base64,')).length,
  elements: document.querySelectorAll('iframe, object, embed, link, base, form').length,
  pwned: typeof window.pwned,
}));
// Off screen an image is not loaded until it is asked for.
found.broken = await page.evaluate(() => Promise.all([...document.images].map((image) => Object.assign(image, { loading: 'eager' })
  .decode().then(() => 0, () => 1))).then((all) => all.reduce((a, b) => a + b, 0)));

// Sorting, by the keyboard alone.
const extent = page.locator('#rows th[data-name="Geographic extent"] button');
await extent.focus();
await page.keyboard.press('Enter');
found.ascending = { extent: await numbers(page, 'v.e'), sorts: await sorts(page) };
await page.keyboard.press('Space');
found.descending = { extent: await numbers(page, 'v.e'), sorts: await sorts(page) };
found.focused = await page.evaluate(() => document.activeElement.textContent);
await page.locator('#rows th[data-name="Difference of opacity"] button').click();
found.difference = await numbers(page, 'd.o');
await page.locator('#rows th[data-name="Image"] button').click();
found.byName = await page.$$eval('#rows tbody td.f b', (cells) => cells.map((cell) => cell.textContent));
await page.locator('#rows th[data-name="No."] button').click();

// Filtering.
found.filters = {};
for (const choice of ['s', 'w', 'o', 'e', '']) {
  await page.selectOption('#show', choice);
  found.filters[choice] = { rows: await visible(page), says: await page.locator('#count').innerText() };
}
await page.fill('#find', 'TORN');
await page.waitForTimeout(300);
found.filters.find = { rows: await visible(page), says: await page.locator('#count').innerText() };
// A link from the list of errors shows its row, filtered away or not.
await page.fill('#find', 'nothing is called so');
await page.waitForTimeout(300);
found.filters.nothing = await visible(page);
await page.locator('#errors a').first().click();
await page.waitForTimeout(100);
found.linked = await page.evaluate(() => {
  const row = document.querySelector(location.hash);
  const box = row.getBoundingClientRect();
  return { id: row.id, shown: row.offsetParent !== null && box.top < innerHeight && box.bottom > 0 };
});

// A phone has a list in place of the headings.
const phone = await open({ viewport: { width: 360, height: 700 } });
await phone.selectOption('#sort', { label: 'Opacity, highest first' });
found.phone = await numbers(phone, 'v.o');

for (const colorScheme of ['light', 'dark']) {
  const sized = await open({ colorScheme });
  await sized.evaluate(axe);
  for (const width of [360, 800, 1440]) {
    await sized.setViewportSize({ width, height: 900 });
    const over = await sized.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) found.overflows.push(`${width}: ${over}`);
    const { violations } = await sized.evaluate(() => window.axe.run());
    for (const { id, impact, nodes } of violations) {
      found.axe.push({ id, impact, where: `${colorScheme}, ${width}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(' | ')}` });
    }
  }
  await sized.context().close();
}

const plain = await open({ javaScriptEnabled: false });
found.withoutScript = {
  rows: await plain.locator('#rows tbody tr').count(),
  controls: await plain.locator('#controls').isVisible(),
  buttons: await plain.locator('button').count(),
};
const printed = await open();
await printed.emulateMedia({ media: 'print' });
found.printed = {
  rows: (await visible(printed)).length,
  controls: await printed.locator('#controls').isVisible(),
  pages: ((await printed.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g) ?? []).length,
};

// What follows is refused by the page's policy, and the browser says so on the console.
const before = { errors: [...found.errors], requests: [...found.requests] };
const attacked = await open();
found.refused = await attacked.evaluate(async () => {
  const script = document.createElement('script');
  script.textContent = 'window.pwned = true';
  document.body.append(script);
  const style = document.createElement('style');
  style.textContent = 'body { margin-left: 123px }';
  document.head.append(style);
  const fetched = await fetch('http://127.0.0.1:9/').then(() => true, () => false);
  const image = await new Promise((done) => {
    const made = new Image();
    made.onload = () => done(true);
    made.onerror = () => done(false);
    made.src = 'http://127.0.0.1:9/x.png';
  });
  return { script: typeof window.pwned, style: getComputedStyle(document.body).marginLeft, fetched, image };
});
Object.assign(found, before);
await browser.close();
console.log(JSON.stringify(found));
