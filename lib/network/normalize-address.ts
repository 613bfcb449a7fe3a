import { isIP } from 'node:net';

/**
 * Returns an address in its only form: IPv4 for IPv6 addresses that are mapped from it, the shortest form
 * without zone for other IPv6 addresses. Returns undefined for anything else.
 */
export function normalizeAddress(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const family = isIP(text);
  if (family === 4) return text;
  if (family === 0) return undefined;
  const [plain = ''] = text.split('%');
  const { hostname } = new URL(`http://[${plain}]`);
  const shortest = hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(shortest) ?? [];
  if (high === undefined || low === undefined) return shortest;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}

/** Longest form of an address, with a zone. */
const LONGEST = 64;
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;
