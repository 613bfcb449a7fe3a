import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../lib/sha256.ts';
import { FORM_CONTENT_TYPE } from '../exchange/post-form.ts';
import type { Session } from '../session.ts';

/** Scope of a signature. */
export interface Signing {
  readonly session: Session;
  readonly region: string;
  /** Current time by the clock of STS, which takes a signature for five minutes. */
  readonly date: Date;
}

/**
 * Returns the headers that sign a form posted to STS, by AWS Signature Version 4. The signer is the AWS SDK's
 * own. Only a process with a target role loads it.
 */
export async function signForm(
  url: URL,
  form: URLSearchParams,
  { session, region, date }: Signing,
): Promise<Readonly<Record<string, string>>> {
  const signer = new SignatureV4({ service: 'sts', region, credentials: session, sha256: Sha256 });
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
