import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseError } from './release-error.ts';

/** Name of the file with the checksums, as in many other folders. */
export const SUMS = 'SHA256SUMS';
/** Names of what a release consists of, and of the signature that its maintainer adds. */
const ARTEFACT =
  /^(SHA256SUMS(\.minisig|\.asc|\.sig)?|install\.yaml|podrole\.yaml|CHANGES-[^/]*\.md|podrole-[^/]*\.(tgz|tar\.gz|tar|cdx\.json))$/;

/**
 * Makes a folder, and removes the artefacts of an earlier or interrupted run from it, and nothing else.
 * @throws ReleaseError `RELEASE_OUTPUT` for a folder with other files
 */
export function emptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder, { withFileTypes: true });
  const other = entries.find((entry) => !entry.isFile() || !ARTEFACT.test(entry.name));
  if (other !== undefined)
    throw new ReleaseError({
      code: 'RELEASE_OUTPUT',
      object: folder,
      problem: `contains ${other.name}, which is not of an earlier release`,
      remedy: 'give an empty folder with --output',
    });
  for (const { name } of entries) rmSync(join(folder, name));
}
