import { createServer } from 'node:http';
import { drain, listen } from '../../lib/http/serve.ts';
import { createLogger } from '../../lib/logger.ts';
import { stsApp } from '../../sts/app.ts';
import { parseStsConfig } from '../../sts/config/config.ts';
import type { MemoryIam } from '../aws/memory-iam.ts';
import type { TestIssuer } from '../oidc/issuer.ts';

/** A local STS that trusts what an IAM holds at each call. */
export interface MirroredSts {
  /** URL that ends with a slash. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export async function startMirroredSts(iam: MemoryIam, issuer: TestIssuer): Promise<MirroredSts> {
  const logger = createLogger('error', { write: () => undefined });
  // A new app for each call keeps no keys of the issuer either.
  const server = createServer((request, response) => {
    const app = stsApp(configOf(iam, issuer), { logger, now: () => new Date() });
    void app.callback()(request, response);
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}/`, stop: () => drain(server, 0) };
}

/** Trust policy of a role that nobody may take. */
const NOBODY = { Statement: { Effect: 'Deny', Principal: '*', Action: '*' } };

function configOf(iam: MemoryIam, { ca, connectTo }: TestIssuer) {
  // A configuration holds at least one of each, and a provider at least one client ID.
  const held = [...iam.providers.values(), { url: 'unused.test', clientIds: new Set(['unused']) }];
  const providers = held.flatMap(({ url, clientIds }) =>
    clientIds.size === 0
      ? []
      : {
          url: `https://${url}`,
          clientIDs: [...clientIds],
          caFile: 'ca.crt',
          connectTo: `${connectTo.host}:${connectTo.port}`,
        },
  );
  const roles = [...iam.roles].map(([name, { path, trustPolicy, maxSessionDuration }]) => ({
    arn: `arn:aws:iam::${iam.account}:role${path}${name}`,
    trustPolicy: JSON.parse(trustPolicy) as unknown,
    maxSessionDuration: Number(maxSessionDuration),
  }));
  const unused = { arn: `arn:aws:iam::${iam.account}:role/unused`, trustPolicy: NOBODY };
  return parseStsConfig({ account: iam.account, providers, roles: [...roles, unused] }, 'test', () => ca);
}
