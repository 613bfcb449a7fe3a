import { generateKeyPairSync } from 'node:crypto';
import { AUDIENCE } from '../../aws/trusting-radosgw.ts';
import { restartApiServer, withAudience, withIssuer, withSigningKey } from '../api-server.ts';
import { ISSUER } from '../doctor-site.ts';
import type { World } from '../world.ts';

/**
 * Worlds that restart the API server. They come last: the controllers follow their objects again only after a
 * back-off, and these worlds create no pods.
 */
export const apiServerWorlds: readonly World[] = [
  {
    name: 'issuer with a trailing slash',
    link: 'issuer',
    code: 'ISSUER_SPELLING',
    breakIt: (site) => restartApiServer(site, withIssuer(`${ISSUER}/`)),
    remedy: (site) => restartApiServer(site),
  },
  {
    name: 'issuer with a port',
    link: 'issuer',
    code: 'ISSUER_REFUSED_BY_IAM',
    breakIt: (site) => restartApiServer(site, withIssuer(`${ISSUER}:8443`)),
    remedy: (site) => restartApiServer(site),
  },
  {
    name: 'key rotated, and only the old one published',
    link: 'keys',
    code: 'KEY_NOT_PUBLISHED',
    breakIt: async (site) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      await restartApiServer(site, withSigningKey(await site.file('new-sa.key', pem)));
    },
    remedy: async ({ documentsNow, issuer }) => issuer.publish(await documentsNow()),
    tidyUp: async (site) => {
      await restartApiServer(site);
      site.issuer.publish(site.documents);
    },
  },
  {
    name: 'audience accepted by the API server',
    link: 'api-audience',
    code: 'AUDIENCE_OPENS_API_SERVER',
    state: 'warning',
    breakIt: (site) => restartApiServer(site, withAudience(AUDIENCE)),
    remedy: (site) => restartApiServer(site),
  },
];
