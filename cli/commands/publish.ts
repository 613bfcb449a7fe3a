import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { servedThumbprint } from '../../bind/provider/served-thumbprint.ts';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { runPublish } from '../../oidc/publication/run-publish.ts';
import { servePublication } from '../../oidc/serve/serve-publication.ts';
import { checkPublishSettings, publishSettings } from '../../oidc/settings.ts';
import { runPublicationWatch } from '../../oidc/watch/run-watch.ts';
import { defineCommand, EXIT } from '../command.ts';

export const publish = defineCommand({
  description: `Publishes what STS fetches to verify the cluster's tokens: the discovery document and the key set of its issuer.
Keys and issuer are those of the live API server; or of files, with --key-file or --jwks and --issuer.
What is published stays: a key that is no longer served goes with --prune alone, and only once no token of it can be alive.
Afterwards the documents are fetched back by the issuer's URL as STS does; where that does not do for STS the exit code is 1.`,
  examples: [
    ['publish --to /srv/www', 'To the root of the site that answers for the issuer’s host'],
    ['publish --to s3://oidc-example-com --dry-run', 'What would change in a bucket, as a diff'],
    [
      'publish --to public --issuer https://oidc.example.com --key-file sa.pub --verify=false',
      'Without a cluster, into a folder that is uploaded later',
    ],
    [
      'publish --watch --to s3://oidc-example-com',
      'In a Deployment: follow the API server, one replica at a time',
    ],
    ['publish --serve --port 443 --tls-cert tls.crt --tls-key tls.key', 'Serve the documents itself'],
  ],
  settings: publishSettings,
  progress: ({ serve, watch }) => (serve || watch ? undefined : 'publishing'),
  run: async (settings, terminal) => {
    checkPublishSettings(settings);
    const { env, signal, stdout } = terminal;
    if (settings.serve) {
      const logger = createLogger(settings.logLevel, stdout);
      await servePublication(settings, { env, logger, clock: systemClock, random: Math.random, signal });
      return EXIT.ok;
    }
    if (settings.watch) {
      const logger = createLogger(settings.logLevel, stdout);
      // A restarted process must not take the Lease of its former life for its own.
      const identity = `${hostname()}_${randomUUID()}`;
      await runPublicationWatch(settings, {
        env,
        logger,
        identity,
        clock: systemClock,
        random: Math.random,
        signal,
      });
      return EXIT.ok;
    }
    return (await runPublish(settings, { ...terminal, servedThumbprint })) ? EXIT.ok : EXIT.failed;
  },
});
