import { PodroleError } from '../../lib/errors.ts';
import { readSettingFile } from '../../lib/settings/settings.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { IssuerEndpoint } from './fetch-answer.ts';

/** Settings that say how the issuer is reached from here. */
export interface EndpointSettings {
  readonly verifyCa: string | undefined;
  readonly verifyConnectTo: string | undefined;
}

/**
 * Reads `--verify-ca` and `--verify-connect-to`.
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_SETTING`
 */
export function readIssuerEndpoint(
  { verifyCa, verifyConnectTo }: EndpointSettings,
  env: Env,
): Omit<IssuerEndpoint, 'issuer'> {
  return {
    env,
    ...(verifyCa === undefined ? {} : { ca: readSettingFile('--verify-ca', verifyCa) }),
    ...(verifyConnectTo === undefined ? {} : { connectTo: parseConnectTo(verifyConnectTo) }),
  };
}

function parseConnectTo(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined) return { host, port: Number(port) };
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: '--verify-connect-to',
    problem: `is ${JSON.stringify(text)}, must be HOST:PORT`,
    remedy: 'see --help',
  });
}
