import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestEvent } from 'node:test/reporters';

const LINES = 20;

/** Folder for the logs of the components that one test file starts: `<PODROLE_E2E_LOGS>/<test file>`. */
export function logFolder(testFile = process.argv[1] ?? 'unknown'): string {
  const logs = process.env['PODROLE_E2E_LOGS'] ?? path.join(os.tmpdir(), 'podrole-e2e-logs');
  return path.join(logs, path.basename(testFile, '.test.ts'));
}

/**
 * Reporter of node --test: prints the last log lines of each component after the first failure in a test
 * file.
 */
async function* logTails(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const shown = new Set<string>();
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.file === undefined || shown.has(data.file)) continue;
    shown.add(data.file);
    yield* tailsIn(logFolder(data.file));
  }
}

// biome-ignore lint/style/noDefaultExport: node --test takes a reporter as the default export of its file
export default logTails;

function* tailsIn(folder: string): Generator<string> {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const lines = readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n').slice(-LINES);
    yield `\n--- last lines of ${path.join(folder, name)}\n${lines.join('\n')}\n`;
  }
}
