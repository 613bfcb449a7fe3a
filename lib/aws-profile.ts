import { homedir } from 'node:os';
import { join } from 'node:path';
import { MAX_FILE_BYTES, readInputSync } from './files/read-file.ts';
import { textOfFile } from './files/text-of-file.ts';
import type { Env } from './surroundings.ts';
import { nearestName } from './text/nearest-name.ts';
import { printable } from './text/printable.ts';

const MAX_EDITS = 3;

/**
 * Says which profile gives no credentials, and in which files the AWS SDK looks for it. The SDK does not.
 * @returns undefined if AWS_PROFILE is not set
 */
export function describeProfile(env: Env): string | undefined {
  const profile = env['AWS_PROFILE'];
  if (!profile) return undefined;
  const folder = join(env['HOME'] ?? homedir(), '.aws');
  const files = [
    env['AWS_SHARED_CREDENTIALS_FILE'] || join(folder, 'credentials'),
    env['AWS_CONFIG_FILE'] || join(folder, 'config'),
  ];
  const found = files.map(profilesIn);
  const names = [...new Set(found.flatMap((profiles) => profiles ?? []))];
  const places = files.map((file, at) => (found[at] ? file : `${file} (not readable)`)).join(' and ');
  if (names.includes(profile)) return printable(`profile ${profile} of AWS_PROFILE in ${places}`);
  const near = nearestName(profile, names, Math.min(MAX_EDITS, Math.floor(profile.length / 3)));
  const suggested = near === undefined ? '' : `; did you mean ${near}?`;
  return printable(`AWS_PROFILE is ${profile}, which is not a profile in ${places}${suggested}`);
}

/** Returns the names of the profiles in a file; undefined if it cannot be read. */
function profilesIn(file: string): readonly string[] | undefined {
  try {
    const text = textOfFile(readInputSync(file, MAX_FILE_BYTES.configuration));
    return text.split('\n').flatMap((line) => {
      const trimmed = line.trim();
      const end = trimmed.indexOf(']');
      if (!trimmed.startsWith('[') || end < 0) return [];
      return [
        trimmed
          .slice(1, end)
          .trim()
          .replace(/^profile\s/, '')
          .trim()
          .replaceAll('"', ''),
      ];
    });
  } catch {
    // A file that does not exist is as good as one without profiles; the caller names it.
    return undefined;
  }
}
