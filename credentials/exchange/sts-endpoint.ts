import { ENDPOINT_KIND_ENV, STS_ENDPOINT_ENV } from '../../lib/contract/sdk.ts';
import { collectFaults, type Fault, PodroleError, throwIfAny } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import { type EndpointKind, stsHost } from './regional-host.ts';

/**
 * Returns the endpoint that exchanges the token: AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL, else the STS of
 * the region. Never the global endpoint: it is in one region, far away, and its sessions are not valid
 * everywhere.
 * AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT select the kind of the latter. As in the SDKs, they
 * exclude an endpoint of one's own.
 * @throws PodroleError `INVALID_SETTING` if the URL or a kind is invalid, or the region has no STS endpoint
 */
export function stsEndpoint(region: string, env: Env): URL {
  const kind = endpointKind(env);
  for (const variable of [STS_ENDPOINT_ENV.endpointUrlSts, STS_ENDPOINT_ENV.endpointUrl]) {
    const given = env[variable];
    if (!given) continue;
    refuseKinds(kind, variable);
    return endpointFrom(variable, given);
  }
  const host = stsHost(region, kind);
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

/** Returns the asked kind, with the words that the SDKs take. An empty variable counts as not set. */
function endpointKind(env: Env): EndpointKind {
  const faults: Fault[] = [];
  const asked = (variable: string) =>
    collectFaults(faults, () => isAsked(variable, env[variable] ?? '')) ?? false;
  const kind = { fips: asked(ENDPOINT_KIND_ENV.useFips), dualStack: asked(ENDPOINT_KIND_ENV.useDualstack) };
  throwIfAny(faults);
  return kind;
}

function isAsked(variable: string, given: string): boolean {
  const word = given.toLowerCase();
  if (word === 'true' || word === 'false' || word === '') return word === 'true';
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: variable,
    problem: `is ${JSON.stringify(given)}, must be true or false`,
    remedy: 'correct it, or unset it',
  });
}

function refuseKinds({ fips, dualStack }: EndpointKind, variable: string): void {
  const asked = [
    ...(fips ? [ENDPOINT_KIND_ENV.useFips] : []),
    ...(dualStack ? [ENDPOINT_KIND_ENV.useDualstack] : []),
  ];
  throwIfAny(
    asked.map((object) => ({
      code: 'INVALID_SETTING',
      object,
      problem: `is true, but ${variable} already names one endpoint`,
      remedy: 'unset one of the two: the AWS SDKs do not accept both',
    })),
  );
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
