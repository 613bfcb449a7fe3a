import { type RequestOptions, request } from 'node:http';
import { INSTANCE_METADATA, METADATA_TOKEN_TTL_SECONDS } from '../../lib/contract/imds.ts';
import { codeOf, PodroleError } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import type { METADATA_VERSIONS } from './settings.ts';

export type MetadataVersion = (typeof METADATA_VERSIONS)[number];

/** Reachability of the instance metadata. Its status says whether it would give out more. */
export type MetadataAnswer =
  | { readonly state: 'reachable'; readonly status: number }
  | { readonly state: 'refused' | 'timeout' };

/** An answer of the same node comes within milliseconds. */
const TIMEOUT_MS = 3_000;

/**
 * Asks the instance metadata of this machine once: by v1 for its list of topics, by v2 for a session token,
 * which lives for a second. The body of the answer is thrown away, so that no credential, role or token is
 * ever held. EC2 User Guide, "Use the Instance Metadata Service"
 * @throws PodroleError `INVALID_SETTING` for an endpoint that is not an http URL
 */
export async function askMetadata(
  version: MetadataVersion,
  env: Env,
  signal: AbortSignal,
): Promise<MetadataAnswer> {
  const endpoint = endpointOf(env);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const options: RequestOptions =
    version === 'v1'
      ? { method: 'GET', path: '/latest/meta-data/' }
      : {
          method: 'PUT',
          path: INSTANCE_METADATA.tokenPath,
          headers: {
            [INSTANCE_METADATA.tokenTtlHeader]: METADATA_TOKEN_TTL_SECONDS.min,
            'Content-Length': 0,
          },
        };
  try {
    return {
      state: 'reachable',
      status: await statusOf(endpoint, { ...options, agent: false, signal: limit }),
    };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { state: limit.aborted || codeOf(thrown) === 'ETIMEDOUT' ? 'timeout' : 'refused' };
  }
}

function endpointOf(env: Env): URL {
  const given = env[INSTANCE_METADATA.endpointVariable] || INSTANCE_METADATA.defaultEndpoint;
  const url = URL.parse(given);
  if (url?.protocol === 'http:') return url;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: INSTANCE_METADATA.endpointVariable,
    problem: 'is not an http URL',
    remedy: `unset it, or write ${INSTANCE_METADATA.defaultEndpoint}`,
  });
}

function statusOf(endpoint: URL, options: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(endpoint, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    asked.on('error', reject).end();
  });
}
