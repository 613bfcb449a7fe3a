import { printable } from '../../lib/text/printable.ts';
import { redactSecrets } from '../../lib/text/redact.ts';
import { maskKeyIds } from './keys/find-keys.ts';

/** Most characters of one text. An annotation may have 256 KiB, and each of many findings repeats it. */
const MAX_LENGTH = 2_000;

/** Makes words of a tenant or a server printable and short, without what looks like a secret. */
export function safeText(text: string): string {
  const short = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
  return printable(maskKeyIds(redactSecrets(short)));
}
