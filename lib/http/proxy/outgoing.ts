import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { STS_ENDPOINT_ENV } from '../../contract/sdk.ts';
import { messageOf, PodroleError } from '../../errors.ts';
import { readSettingFile } from '../../settings/settings.ts';
import type { Env } from '../../surroundings.ts';
import { authoritiesIn, publicAuthorities } from '../../tls/authorities.ts';
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
 * @throws PodroleError `UNREADABLE_FILE`, `INVALID_CERTIFICATE`
 */
export async function awsAgents(env: Env): Promise<AwsAgents> {
  const proxyOf = (target: URL) => proxyFor(target, env);
  const file = env[STS_ENDPOINT_ENV.caBundle];
  const ca = file ? [...(await publicAuthorities()), ...readAuthorities(file)] : undefined;
  return {
    httpAgent: new ForwardAgent(proxyOf, { keepAlive: true, ca }),
    httpsAgent: new TunnelAgent(proxyOf, { keepAlive: true, ca }),
  };
}

function readAuthorities(file: string): readonly string[] {
  const text = readSettingFile(STS_ENDPOINT_ENV.caBundle, file);
  try {
    return authoritiesIn(text);
  } catch (thrown) {
    const fault = {
      code: 'INVALID_CERTIFICATE',
      object: `${STS_ENDPOINT_ENV.caBundle} ${file}`,
      problem: messageOf(thrown),
      remedy: 'name a PEM file of CA certificates, or unset it',
    } as const;
    throw new PodroleError(fault, { cause: thrown });
  }
}
