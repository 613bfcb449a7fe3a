import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { sidecarSettings } from '../../sidecar/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

/** By then it has started, and what follows is the same few requests for months. */
const STARTED_MS = 1_000;

export const sidecar = defineCommand({
  description: `Gives the role of a web identity token to programs whose SDK knows nothing of such tokens: it exchanges the token at STS, keeps the session fresh, and serves it on loopback as EC2 instance metadata (IMDSv1 and v2) and as container credentials do. Whatever else is asked for is 404; nothing is ever forwarded. In a pod the webhook puts it there; on a laptop, a VM or beside Docker it is this command.

SDKs find it by one of these:

  AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9911/v1/credentials
  AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:9911

Everybody on loopback is served, unless --credentials-path or --authorization-token-file asks for a secret. With --imdsv2 required container credentials are served for such a secret alone. They are never served where Host is an address of instance metadata, nor to what a proxy sent on.

AWS_ENDPOINT_URL_STS names another STS, AWS_CA_BUNDLE the authorities of its certificate.`,
  examples: [
    [
      'sidecar --role-arn arn:aws:iam::111122223333:role/web --token-file ./token --region eu-central-1',
      'Serve the role on a laptop or a VM',
    ],
    ['sidecar', 'In a pod that has AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and AWS_REGION'],
    ['sidecar --probe', 'Ask the one that runs here whether it is ready'],
  ],
  settings: sidecarSettings,
  run: async (settings, { stdout, env, signal }) => {
    if (settings.probe) {
      const { probeSidecar } = await import('../../sidecar/probe.ts');
      await probeSidecar(settings.metricsPort);
      return EXIT.ok;
    }
    const { runSidecar } = await import('../../sidecar/run-sidecar.ts');
    const cancel = systemClock.after(STARTED_MS, compileLess);
    try {
      await runSidecar(settings, {
        logger: createLogger(settings.logLevel, stdout),
        clock: systemClock,
        random: Math.random,
        randomBytes,
        hostname: hostname(),
        env,
        signal,
      });
    } finally {
      cancel();
    }
    return EXIT.ok;
  },
});

/**
 * Leaves out the compiler in the middle, whose code takes as much memory as all the rest and makes nothing here faster: 22 MiB in place of
 * 36 after much load. Not on the command line: flags there make Node compile its own modules anew, 60 ms more at each start.
 */
function compileLess(): void {
  setFlagsFromString('--no-maglev');
}
