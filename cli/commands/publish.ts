import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { servedThumbprint } from '../../bind/facts/served-thumbprint.ts';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { doneIf } from '../../lib/outcome.ts';
import { runPublish } from '../../oidc/publication/run-publish.ts';
import { servePublication } from '../../oidc/serve/serve-publication.ts';
import { checkPublishSettings, publishSettings } from '../../oidc/settings.ts';
import { runPublicationWatch } from '../../oidc/watch/run-watch.ts';
import { defineCommand } from '../command.ts';

export const publish = defineCommand({
  description: `Publishes the discovery document and the key set of the cluster's issuer, which STS fetches to verify tokens.
Keys and issuer come from the live API server, or from files with --issuer and --key-file or --jwks.
Published keys stay: only --prune removes an unserved key, and only when all its tokens have expired.
Then it fetches the documents from the issuer's URL like STS, and exits with 3 if STS could not use them.`,
  examples: [
    ['publish --to /srv/www', "Write to the root of the site of the issuer's host"],
    ['publish --to s3://oidc-example-com --dry-run', 'Print the changes in a bucket as a diff'],
    [
      'publish --to public --issuer https://oidc.example.com --key-file sa.pub --verify=false',
      'Without a cluster, into a folder to upload later',
    ],
    [
      'publish --watch --to s3://oidc-example-com',
      'In a Deployment: follow the keys of the API server, one replica at a time',
    ],
    [
      'publish --serve --port 443 --tls-cert tls.crt --tls-key tls.key',
      'Serve the documents from this process',
    ],
  ],
  settings: publishSettings,
  progress: ({ serve, watch }) => (serve || watch ? undefined : 'publishing'),
  run: async (settings, terminal) => {
    checkPublishSettings(settings);
    const { env, signal, stdout, serveUntilSignal } = terminal;
    if (settings.serve) {
      const logger = createLogger(settings.logLevel, stdout);
      const surroundings = { env, logger, clock: systemClock, random: Math.random, signal };
      await serveUntilSignal(() => servePublication(settings, surroundings));
      return 'done';
    }
    if (settings.watch) {
      const logger = createLogger(settings.logLevel, stdout);
      // Random, so that a restarted process does not mistake the Lease of its predecessor for its own.
      const identity = `${hostname()}_${randomUUID()}`;
      const surroundings = { env, logger, identity, clock: systemClock, random: Math.random, signal };
      await serveUntilSignal(() => runPublicationWatch(settings, surroundings));
      return 'done';
    }
    return doneIf(await runPublish(settings, { ...terminal, servedThumbprint }));
  },
});
