import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { runSidecar } from '../../sidecar/run-sidecar.ts';
import { sidecarSettings } from '../../sidecar/settings.ts';
import { defineCommand } from '../command.ts';

/** By then it has started; from then on it serves the same few requests for months. */
const STARTED_MS = 1_000;

export const sidecar = defineCommand({
  description: `Gives the role of a web identity token to programs whose SDK does not support such tokens. It exchanges the token at STS, renews the session before it expires, and serves it on loopback as EC2 instance metadata (IMDSv1 and v2) and as container credentials. All other requests get 404; nothing is ever forwarded. The webhook adds it to pods; run this command on a laptop, on a VM or beside Docker.

SDKs find it by one of these variables:

  AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:9911/v1/credentials
  AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:9911

Every client on loopback is served, unless --credentials-path or --authorization-token-file requires a secret. With --imdsv2 required, container credentials always need such a secret. They are never served if the Host header is an address of instance metadata, or if a proxy forwarded the request.

AWS_ENDPOINT_URL_STS, or else AWS_ENDPOINT_URL, selects another STS. AWS_CA_BUNDLE adds CAs to the public ones. HTTPS_PROXY and NO_PROXY select a proxy.`,
  examples: [
    [
      'sidecar --role-arn arn:aws:iam::111122223333:role/web --token-file ./token --region eu-central-1',
      'Serve the role on a laptop or a VM',
    ],
    ['sidecar', 'In a pod that has AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and AWS_REGION'],
  ],
  settings: sidecarSettings,
  run: async (settings, { stdout, env, signal, serveUntilSignal }) => {
    const cancel = systemClock.after(STARTED_MS, compileLess);
    try {
      await serveUntilSignal(() =>
        runSidecar(settings, {
          logger: createLogger(settings.logLevel, stdout),
          clock: systemClock,
          random: Math.random,
          randomBytes,
          hostname: hostname(),
          env,
          signal,
        }),
      );
    } finally {
      cancel();
    }
    return 'done';
  },
});

/**
 * Turns off V8's mid-tier compiler, whose code takes as much memory as all the rest and makes nothing here
 * faster: 22 MiB instead of 36 after heavy load. Not on the command line: flags there make Node compile its
 * own modules again, 60 ms more at each start.
 */
function compileLess(): void {
  setFlagsFromString('--no-maglev');
}
