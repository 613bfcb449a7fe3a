import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { renderReport } from '../../doctor/report/render-report.ts';
import { auditModel } from '../../testing/audit/model.ts';
import { openPage, startBrowser } from './open-page.ts';

/** Takes the pictures of the report in docs/audit.md again: `node e2e/browser/take-pictures.ts`. */
const PICTURES = [
  { name: 'wide', width: 1280, height: 960, scheme: 'light', serviceAccounts: 200, at: 'body' },
  { name: 'narrow', width: 360, height: 760, scheme: 'light', serviceAccounts: 200, at: '#chains' },
  { name: 'dark', width: 1280, height: 960, scheme: 'dark', serviceAccounts: 26, at: '.chain' },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'podrole-pictures-'));
const browser = await startBrowser();
try {
  for (const { name, width, height, scheme, serviceAccounts, at } of PICTURES) {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, renderReport(auditModel({ serviceAccounts })));
    await using opened = await openPage(browser, pathToFileURL(file), { width, scheme });
    await opened.page.setViewportSize({ width, height });
    await opened.page.evaluate(`document.querySelector('${at}').scrollIntoView()`);
    const path = fileURLToPath(new URL(`../../docs/pictures/audit-report-${name}.png`, import.meta.url));
    await opened.page.screenshot({ path });
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
