import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Folder and processes that a test starts together and stops together. */
export interface TemporarySite {
  readonly folder: string;
  /** Writes a file into the folder; returns its path. */
  readonly file: (name: string, content: string) => Promise<string>;
  /** Takes what stops something; the last one runs first. */
  readonly onStop: (stop: () => Promise<unknown>) => void;
  readonly stop: () => Promise<void>;
}

/**
 * Fills a new site.
 * @param fill if it throws, what it has started is stopped
 */
export async function startSite<T extends object>(
  fill: (site: TemporarySite) => Promise<T>,
): Promise<T & TemporarySite> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'podrole-site-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  const file = async (name: string, content: string) => {
    await writeFile(path.join(folder, name), content, { mode: 0o600 });
    return path.join(folder, name);
  };
  const site = { folder, file, onStop: (each: () => Promise<unknown>) => void stops.push(each), stop };
  try {
    return { ...(await fill(site)), ...site };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
