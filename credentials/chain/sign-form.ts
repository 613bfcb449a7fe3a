import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../lib/sha256.ts';
import { FORM_CONTENT_TYPE } from '../exchange/post-form.ts';

/** Keys that sign a call: those of a session, or the long-lived ones of a user, which have no token. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Scope of a signature. */
export interface Signing {
  readonly keys: SigningKeys;
  readonly region: string;
  /** Current time by the clock of STS, which takes a signature for five minutes. */
  readonly date: Date;
}

/**
 * Returns the headers that sign a form posted to STS, by AWS Signature Version 4. The signer is the AWS SDK's
 * own. Only a process that assumes roles loads it.
 */
export async function signForm(
  url: URL,
  form: URLSearchParams,
  { keys, region, date }: Signing,
): Promise<Readonly<Record<string, string>>> {
  const { sessionToken, ...pair } = keys;
  const credentials = sessionToken === undefined ? pair : { ...pair, sessionToken };
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const names = [...new Set(url.searchParams.keys())];
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)])),
      headers: { host: url.host, 'content-type': FORM_CONTENT_TYPE },
      body: form.toString(),
    },
    { signingDate: date },
  );
  const { host: _host, 'content-type': _type, ...added } = signed.headers;
  return added;
}
