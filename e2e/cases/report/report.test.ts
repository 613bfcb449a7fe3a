import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { renderReport } from '../../../doctor/report/render-report.ts';
import { auditModel } from '../../../testing/audit/model.ts';
import { openPage, startBrowser } from '../../browser/open-page.ts';

const MODELS = {
  small: { serviceAccounts: 12 },
  medium: { serviceAccounts: 200 },
  large: { serviceAccounts: 2000 },
  hostile: { serviceAccounts: 24, isHostile: true },
};
type ModelName = keyof typeof MODELS;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'podrole-report-'));
const fileOf = (name: ModelName) => pathToFileURL(join(folder, `${name}.html`));
const wide = { width: 1440, scheme: 'light' } as const;
let browser: Browser;

before(async () => {
  for (const name of Object.keys(MODELS) as ModelName[])
    writeFileSync(fileOf(name), renderReport(auditModel(MODELS[name])));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

for (const name of Object.keys(MODELS) as ModelName[]) {
  for (const width of [360, 1440]) {
    for (const scheme of ['light', 'dark'] as const) {
      test(`${name} report, ${width} pixels, ${scheme}: fits, asks for nothing, and is accessible`, async () => {
        await using opened = await openPage(browser, fileOf(name), { width, scheme });
        const { page, complaints } = opened;
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        assert.match(await page.title(), /^podrole audit: /);
        // The rules take a minute for the larger reports, which have nothing that the others lack.
        if (name === 'small' || name === 'hostile') assert.deepEqual(await violationsOf(page), []);
        assert.deepEqual(complaints, []);
      });
    }
  }
}

/** Violations of WCAG 2.2 AA and of good practice, one line per rule. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  // Every part, also what is closed at first.
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  await page.evaluate(AXE);
  const lines =
    await page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, help, nodes }) =>
    id + ': ' + help + ' ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' ')))`);
  return lines as string[];
}

const shown = (page: Page, kind: string): Promise<unknown> =>
  page.evaluate(`document.querySelectorAll('[data-f="${kind}"]:not([hidden])').length`);

test('filters hide what does not match, and say how much is left', async () => {
  const model = auditModel(MODELS.medium);
  await using opened = await openPage(browser, fileOf('medium'), wide);
  const { page, complaints } = opened;
  const output = page.locator('form output');
  await page.locator('form').getByLabel('Only broken and refused').check();
  const broken = model.chains.filter(({ findings }) => findings.some(({ state }) => state === 'broken'));
  await output.filter({ hasText: `${broken.length} of ${model.chains.length} chains` }).waitFor();
  assert.equal(await shown(page, 'chain'), broken.length);
  assert.equal(
    await shown(page, 'grant'),
    model.grants.filter(({ verdict }) => verdict === 'refused').length,
  );

  await page.getByRole('button', { name: 'Clear' }).click();
  await output.filter({ hasText: `${model.chains.length} chains` }).waitFor();

  await page.locator('form').getByLabel('Severity').selectOption('high');
  const high = model.findings.filter(({ severity }) => severity === 'high');
  await output.filter({ hasText: `${high.length} of ${model.findings.length} findings` }).waitFor();
  assert.deepEqual(await page.locator('h3:visible').allTextContents(), [`High ${high.length}`]);

  await page.locator('form').getByLabel('Namespace').selectOption('shop-1');
  await page.locator('form').getByLabel('Cluster').selectOption({ label: 'prod-us-1' });
  const here = model.grants.filter((each) => each.namespace === 'shop-1' && each.cluster === 'prod-us-1');
  assert.ok(here.length > 0);
  await output.filter({ hasText: `${here.length} of ${model.grants.length} grants` }).waitFor();

  await page.locator('form').getByLabel('Text').fill('NOBODY has-this');
  await output.filter({ hasText: `0 of ${model.grants.length} grants` }).waitFor();
  assert.equal(await page.locator('svg.graph .edge:not(.off)').count(), 0);
  assert.deepEqual(complaints, []);
});

test('a filter of the large report is applied, and its graph follows', async () => {
  await using opened = await openPage(browser, fileOf('large'), wide);
  const { page, complaints } = opened;
  await page.locator('form').getByLabel('Text').fill('allowed shared-reader-1');
  await page
    .locator('form output')
    .filter({ hasText: /: \d+ of/ })
    .waitFor();
  const rows = Number(await shown(page, 'grant'));
  assert.ok(rows > 0 && rows < 100, `${rows} rows`);
  assert.ok((await page.locator('svg.graph .edge:not(.off)').count()) > 0);
  assert.deepEqual(complaints, []);
});

test('the keyboard reaches everything, and shows where it is', async () => {
  await using opened = await openPage(browser, fileOf('small'), wide);
  const { page } = opened;
  const expected = await page.evaluate(`[...document.querySelectorAll(
    'a[href], input, select, button, summary, [tabindex="0"]')].filter((each) => each.checkVisibility()).map(${PATH})`);
  const reached: unknown[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const [path, isMarked] = (await page.evaluate(FOCUSED)) as [string, boolean];
    if (path === '' || path === reached[0]) break;
    assert.ok(isMarked, `the focus is visible on ${path}`);
    reached.push(path);
  }
  assert.deepEqual(reached, expected);
});

/** Function that names an element by its place in the page; the body has an empty name. */
const PATH = `((element) => {
  let path = '';
  for (let each = element; each !== document.body; each = each.parentElement)
    path = each.tagName + [...each.parentElement.children].indexOf(each) + ' ' + path;
  return path;
})`;
/** The focused element, and true if the page marks it. */
const FOCUSED = `(() => {
  const focused = document.activeElement;
  const marked = focused.closest('.node') ? focused.querySelector('.area') : focused;
  const { outlineStyle, strokeWidth } = getComputedStyle(marked);
  return [${PATH}(focused), marked === focused ? outlineStyle !== 'none' : strokeWidth === '2px'];
})()`;

test('the skip link leads past the filters', async () => {
  await using opened = await openPage(browser, fileOf('small'), wide);
  const { page } = opened;
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#findings$/);
});

test('arrow keys walk through the graph, which says where each node leads', async () => {
  await using opened = await openPage(browser, fileOf('small'), wide);
  const { page } = opened;
  await page.locator('svg.graph .node[tabindex="0"]').focus();
  const told = page.locator('[data-told]');
  const [first] = [await told.textContent()];
  assert.match(first ?? '', /^ServiceAccount \S+: arn:aws:iam::\d+:role\/\S+ \(\w+ by /);
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await told.textContent(), first);
  await page.keyboard.press('ArrowRight');
  assert.match((await told.textContent()) ?? '', /^arn:aws:iam::\d+:role\/\S+: ServiceAccount /);
  assert.ok((await page.locator('svg.graph .edge.lit').count()) > 0);
});

test('a table is sorted by the button in its head, and says so', async () => {
  await using opened = await openPage(browser, fileOf('medium'), wide);
  const { page } = opened;
  const verdicts = () => page.locator('.grants tbody .verdict').allTextContents();
  const button = page.locator('.grants').getByRole('button', { name: 'Verdict' });
  await button.click();
  const up = await verdicts();
  assert.deepEqual(up, up.toSorted());
  assert.ok(new Set(up).size > 2);
  assert.equal(await page.locator('.grants th[aria-sort="ascending"]').textContent(), 'Verdict');
  await button.click();
  assert.deepEqual(await verdicts(), up.toReversed());
});

test('hostile names stay text', async () => {
  await using opened = await openPage(browser, fileOf('hostile'), wide);
  const { page } = opened;
  await page.mouse.move(700, 500);
  await page.locator('form').getByLabel('Text').fill('</script>');
  await page.locator('form output').filter({ hasText: / of / }).waitFor();
  assert.ok(Number(await shown(page, 'grant')) > 0);
  assert.equal(await page.evaluate('document.images.length + document.scripts.length'), 1);
  assert.match(await page.title(), /^podrole audit: <\/script>/);
});

for (const hasScript of [true, false]) {
  test(`print shows every remedy and no filter ${hasScript ? 'with' : 'without'} the script`, async () => {
    await using opened = await openPage(browser, fileOf('small'), { ...wide, hasScript });
    const { page } = opened;
    assert.equal(await page.locator('form.filters').isVisible(), hasScript);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('form.filters').isVisible(), false);
    const texts = page.locator('.remedy, .links li, .evidence li');
    assert.ok((await texts.count()) > 100);
    for (const each of await texts.all()) assert.ok(await each.isVisible());
    if (hasScript) {
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      assert.equal(await page.locator('details:not([open])').count(), 0);
      await page.evaluate("dispatchEvent(new Event('afterprint'))");
      assert.ok((await page.locator('details:not([open])').count()) > 0);
    }
  });
}
