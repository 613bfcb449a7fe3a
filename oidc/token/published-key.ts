import { type Fault, messageOf } from '../../lib/errors.ts';
import { parseKeySet, problemOfUse } from '../keys/key-set.ts';
import { type IssuerEndpoint, IssuerFetchError } from '../verify/fetch-answer.ts';
import { fetchIssuerKeys } from '../verify/issuer-documents.ts';
import type { TokenSigner } from './signing-key.ts';

/** Reason why STS may refuse the tokens of a key. */
export interface PublicationDoubt {
  /** False if the issuer did not answer, which may be because of this machine's network. */
  readonly isCertain: boolean;
  readonly fault: Fault;
}

/**
 * Fetches the key set of an issuer as STS does, and looks for a key in it.
 * @returns undefined if the key is published, and tokens can be verified with it
 */
export async function doubtOfPublication(
  endpoint: IssuerEndpoint,
  { kid, publicKey }: TokenSigner,
): Promise<PublicationDoubt | undefined> {
  const object = `issuer ${endpoint.issuer}`;
  const doubt = (problem: string, remedy: string, isCertain = true): PublicationDoubt => ({
    isCertain,
    fault: { code: 'ISSUER_NOT_SERVED', object, problem, remedy },
  });
  try {
    const { keys } = await fetchIssuerKeys(endpoint);
    const found = parseKeySet({ keys }, object).find((entry) => entry.kid === kid);
    const publish = `run podrole publish --issuer ${endpoint.issuer} with the public key as --key-file`;
    if (!found) return doubt(`does not publish the key ${kid}, so STS refuses its tokens`, publish);
    if (!found.publicKey?.equals(publicKey)) return doubt(`publishes another key as ${kid}`, publish);
    const problem = problemOfUse(found);
    return problem === undefined ? undefined : doubt(`publishes the key ${kid}, which ${problem}`, publish);
  } catch (thrown) {
    if (!(thrown instanceof IssuerFetchError)) throw thrown;
    const remedy = 'see docs/verify-the-publication.md; --verify-ca trusts a CA of your own';
    return doubt(messageOf(thrown), remedy, thrown.kind !== 'unreachable');
  }
}
