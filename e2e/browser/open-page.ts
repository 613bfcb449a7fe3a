import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

export interface PageOptions {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly hasScript?: boolean;
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Everything that the page must not do and did: messages on its console, errors, and requests. */
  readonly complaints: readonly string[];
}

const PROGRAMS = ['chromium-headless-shell', 'chromium', 'google-chrome'];

/** Starts the browser that e2e/browser/install made available. */
export async function startBrowser(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const executablePath = PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(
    existsSync,
  );
  if (executablePath === undefined) throw new Error('no browser: run e2e/browser/install');
  // The tests run as root, for whom the sandbox does not start, and only on pages of their own.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

/** Opens a file in a new window of a width. */
export async function openPage(browser: Browser, file: URL, options: PageOptions): Promise<OpenPage> {
  const { width, scheme, hasScript = true } = options;
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: hasScript,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== file.href) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(file.href);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}
