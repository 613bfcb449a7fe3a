import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { STS_ENDPOINT_ENV } from '../../contract/sdk.ts';
import { readSettingFile } from '../../settings/settings.ts';
import type { Env } from '../../surroundings.ts';
import { publicAuthorities } from '../../tls/authorities.ts';
import { ForwardAgent, TunnelAgent } from './agents.ts';
import { proxyFor } from './proxy-for.ts';

/** Agents for an AWS client: the two options of its request handler. */
export interface AwsAgents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/**
 * Creates the agents of an AWS client. They connect through the proxies of the environment, and also trust
 * the certificates of AWS_CA_BUNDLE, which the SDK for JavaScript does not read itself.
 * @throws PodroleError `UNREADABLE_FILE`
 */
export async function awsAgents(env: Env): Promise<AwsAgents> {
  const proxyOf = (target: URL) => proxyFor(target, env);
  const file = env[STS_ENDPOINT_ENV.caBundle];
  const ca = file
    ? [...(await publicAuthorities()), readSettingFile(STS_ENDPOINT_ENV.caBundle, file)]
    : undefined;
  return {
    httpAgent: new ForwardAgent(proxyOf, { keepAlive: true, ca }),
    httpsAgent: new TunnelAgent(proxyOf, { keepAlive: true, ca }),
  };
}
