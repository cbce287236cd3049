// Uses the server's page in headless Chromium as people do, and prints what it finds as JSON.
// Usage: node page.mjs CHROMIUM ADDRESS FOLDER GOOD BAD FILE...
// Pictures of the page go to FOLDER; GOOD is an X-ray, BAD is none, and the others are chosen all at once.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [executablePath, address, folder, good, bad, ...many] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const found = { errors: [], foreign: [], refusedRequests: 0, axe: [], overflows: [] };

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    // The browser's own line on an answer that is an error, which the page tells in words.
    if (message.text().startsWith('Failed to load resource')) found.refusedRequests++;
    else found.errors.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => found.errors.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) found.foreign.push(request.url());
  });
  await page.goto(address);
  return page;
}

const done = (page, count) => page.waitForFunction((text) => document.getElementById('status').textContent.startsWith(text),
  `${count} X-ray${count === 1 ? '' : 's'} done`, { timeout: 60000 });
const shown = (page) => page.evaluate(() => ({
  name: document.getElementById('name').textContent,
  status: document.getElementById('status').textContent,
  extent: document.querySelector('#extent b').textContent,
  opacity: document.querySelector('#opacity b').textContent,
  meter: document.querySelector('#extent .meter').getAttribute('aria-label'),
  interval: document.querySelector('#extent .iv').textContent,
  scores: document.getElementById('scores').offsetParent !== null,
  notes: Array.from(document.querySelectorAll('#notes .note'), (note) => note.textContent),
  pictures: Array.from(document.querySelectorAll('.stage img'), (image) => image.complete && image.naturalWidth),
  strength: getComputedStyle(document.getElementById('overlay')).opacity,
}));
const rows = (page) => page.$$eval('#table tbody tr', (trs) => trs.map((tr) => Array.from(tr.cells, (cell) => cell.textContent)));
async function judge(page, what) {
  await page.evaluate(axe);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (over > 0) found.overflows.push(`${what}: ${over}`);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const { id, impact, nodes } of violations) {
    found.axe.push({ id, impact, where: `${what}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(' | ')}` });
  }
}

// One X-ray, by the keyboard alone: the picker, the slider, and back.
const page = await open();
found.research = await page.locator('.research').innerText();
// The driver has to be ready for the chooser before the key is pressed.
const choosing = page.waitForEvent('filechooser', { timeout: 60000 });
await page.waitForTimeout(500);
await page.keyboard.press('Tab');
found.firstFocus = await page.evaluate(() => document.activeElement.id);
await page.keyboard.press('Enter');
await (await choosing).setFiles(good);
await done(page, 1);
await page.waitForFunction(() => [...document.querySelectorAll('.stage img')].every((image) => image.complete && image.naturalWidth));
found.one = await shown(page);
await page.locator('#strength').focus();
for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowLeft');
found.without = await shown(page);
await page.keyboard.press('End');
found.full = await shown(page);
found.percent = await page.locator('#percent').innerText();

// A file that is none, in words; the banner stays in sight.
await page.setInputFiles('#files', bad);
await done(page, 2);
await page.locator('#table .pick').nth(1).click();
found.bad = await shown(page);
await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
found.bannerTop = await page.evaluate(() => document.querySelector('.research').getBoundingClientRect().top);

// The table as a file.
const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
found.csv = { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };

// Many at once, then from row to row by the keyboard.
await page.locator('#clear').click();
found.cleared = { rows: (await rows(page)).length, focus: await page.evaluate(() => document.activeElement.id) };
await page.setInputFiles('#files', many);
await done(page, many.length);
found.many = await rows(page);
await page.locator('#table .pick').first().focus();
await page.keyboard.press('ArrowDown');
await page.keyboard.press('ArrowDown');
found.third = { ...await shown(page), focus: await page.evaluate(() => document.activeElement.textContent) };

// Dropped, and pasted.
for (const kind of ['drop', 'paste']) {
  const other = await open();
  await other.evaluate(async ([type, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], `${type}.png`, { type: 'image/png' }));
    dispatchEvent(type === 'drop' ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: transfer }));
  }, [kind, readFileSync(good).toString('base64')]);
  await done(other, 1);
  found[kind] = await rows(other);
  await other.context().close();
}

// How it looks, for people and for axe.
const sizes = { phone: { width: 360, height: 740 }, tablet: { width: 800, height: 1000 }, desk: { width: 1280, height: 900 } };
for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries(sizes)) {
    const sized = await open({ colorScheme, viewport });
    await judge(sized, `${colorScheme}, ${size}, empty`);
    await sized.screenshot({ path: join(folder, `${colorScheme}-${size}-empty.png`) });
    await sized.setInputFiles('#files', [good, bad, ...many.slice(0, 4)]);
    await done(sized, 2 + many.slice(0, 4).length);
    await judge(sized, `${colorScheme}, ${size}`);
    await sized.screenshot({ path: join(folder, `${colorScheme}-${size}.png`), fullPage: true });
    await sized.locator('#table .pick').nth(1).click();
    await judge(sized, `${colorScheme}, ${size}, an error`);
    await sized.context().close();
  }
}

// What the page's policy refuses is said on the console.
const before = { errors: [...found.errors], foreign: [...found.foreign], refusedRequests: found.refusedRequests };
const attacked = await open();
found.refused = await attacked.evaluate(async () => {
  const script = document.createElement('script');
  script.textContent = 'window.pwned = true';
  document.body.append(script);
  const fetched = await fetch('http://127.0.0.1:9/').then(() => true, () => false);
  const image = await new Promise((end) => {
    const made = new Image();
    made.onload = () => end(true);
    made.onerror = () => end(false);
    made.src = 'http://127.0.0.1:9/x.png';
  });
  return { script: typeof window.pwned, fetched, image };
});
Object.assign(found, before);
await browser.close();
console.log(JSON.stringify(found));
