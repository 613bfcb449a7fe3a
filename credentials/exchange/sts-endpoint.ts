import { STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { PodroleError } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import { regionalHost } from './regional-host.ts';

/**
 * Returns the endpoint that exchanges the token: AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL, else the STS of
 * the region. Never the global endpoint: it is in one region, far away, and its sessions are not valid
 * everywhere.
 * @throws PodroleError `INVALID_SETTING` if the URL is invalid or the region has no STS endpoint
 */
export function stsEndpoint(region: string, env: Env): URL {
  for (const variable of [STS_ENDPOINT_ENV.endpointUrlSts, STS_ENDPOINT_ENV.endpointUrl]) {
    const given = env[variable];
    if (given) return endpointFrom(variable, given);
  }
  const host = regionalHost('sts', region);
  if (host === undefined) {
    throw new PodroleError({
      code: 'INVALID_SETTING',
      object: '--region',
      problem: `${JSON.stringify(region)} is not an AWS region`,
      remedy: `give --region or set AWS_REGION, or name another STS by ${STS_ENDPOINT_ENV.endpointUrlSts}`,
    });
  }
  return new URL(`https://${host}/`);
}

function endpointFrom(variable: string, given: string): URL {
  const url = URL.parse(given);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: variable,
    problem: `is ${JSON.stringify(given)}, must be an http or https URL`,
    remedy: 'correct it, or unset it to use the STS of the region',
  });
}
