import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type ApiClient, describeAnswer } from '../../../kubernetes/api-client.ts';
import { apiPath } from '../../../kubernetes/api-path.ts';
import { remedyFor } from '../../../kubernetes/api-refusal.ts';
import { TOKEN_EXPIRATION_SECONDS } from '../../../lib/contract/aws-webhook.ts';
import { ROTATION_PROBE_AUDIENCE } from '../../../lib/contract/podrole.ts';
import { messageOf, PodroleError } from '../../../lib/errors.ts';
import { asObject, asText } from '../../../lib/json/json.ts';

/** Signing key and clock of an API server, from a token that it issued. */
export interface SignerProbe {
  readonly kid: string;
  /** The API server's clock, in whole seconds. */
  readonly mintedAtMs: number;
}

const TIMEOUT_MS = 10_000;

/**
 * Requests a token from an API server to see which key signs: the key set lists the keys that verify, not the
 * one that signs. The token has the shortest lifetime and an audience that nobody accepts, and is discarded
 * at once.
 * @param serviceAccount `namespace/name`
 * @throws PodroleError `API_UNREACHABLE`, `API_REFUSED`
 */
export async function probeSigner(
  client: ApiClient,
  serviceAccount: string,
  signal: AbortSignal,
): Promise<SignerProbe> {
  const [namespace = '', name = ''] = serviceAccount.split('/');
  const path = apiPath('/api/v1', 'namespaces', namespace, 'serviceaccounts', name, 'token');
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [ROTATION_PROBE_AUDIENCE], expirationSeconds: TOKEN_EXPIRATION_SECONDS.min },
  };
  const answer = await client.send({ method: 'POST', path, body }, { timeoutMs: TIMEOUT_MS, signal });
  const token = asText(asObject(asObject(answer.body)?.['status'])?.['token']);
  if (answer.status < 200 || answer.status > 299 || token === undefined) {
    throw refused(
      serviceAccount,
      describeAnswer(answer),
      remedyFor(
        answer,
        'let this user create serviceaccounts/token there, or name another ServiceAccount with --service-account',
      ),
    );
  }
  return readToken(token, serviceAccount);
}

function readToken(token: string, serviceAccount: string): SignerProbe {
  try {
    const { kid } = decodeProtectedHeader(token);
    const { iat } = decodeJwt(token);
    if (kid && iat !== undefined) return { kid, mintedAtMs: iat * 1_000 };
  } catch (thrown) {
    // jose's messages say what a token lacks, never what it contains.
    throw refused(
      serviceAccount,
      `is not a JWT: ${messageOf(thrown)}`,
      'find out what answers in place of the API server',
    );
  }
  throw refused(serviceAccount, 'has no kid or no iat', 'find out what answers in place of the API server');
}

function refused(serviceAccount: string, problem: string, remedy: string): PodroleError {
  return new PodroleError({
    code: 'API_REFUSED',
    object: `token of ServiceAccount ${serviceAccount}`,
    problem,
    remedy,
  });
}
