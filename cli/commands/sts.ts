import { createLogger } from '../../lib/logger.ts';
import { serveSts } from '../../sts/server.ts';
import { stsSettings } from '../../sts/settings.ts';
import { defineCommand } from '../command.ts';

export const sts = defineCommand({
  // commander wraps at 80 columns and keeps line ends, so prose is one line and the example is narrower.
  description: `Serves a local STS that verifies web identity tokens as AWS does: it fetches the issuer's published keys over HTTPS, checks signature, issuer, audience and times, and evaluates the role's trust policy. It implements AssumeRoleWithWebIdentity, AssumeRole for its own sessions, and GetCallerIdentity; the log says why a call was refused. Example of --config:

  providers:                          # OIDC providers of the account
    - url: https://oidc.example.com   # the issuer, exactly as in tokens' iss
      clientIDs: [sts.amazonaws.com]  # audiences
      caFile: ca.crt                  # CA to trust; default: public CAs
      connectTo: 127.0.0.1:8443       # real address of the url's host
      thumbprints: []                 # with caFile: one must be in the chain
  roles:
    - arn: arn:aws:iam::111122223333:role/web
      maxSessionDuration: 3600        # seconds
      trustPolicyFile: trust.json     # or trustPolicy: with the policy itself
      policyFile: policy.json         # or policy: roles that it may assume

File names are relative to the configuration. IAM allows no port in a provider's url, so connectTo gives the real address; host name and certificate are those of the url.`,
  examples: [
    ['sts --config sts.yaml', 'Serve on http://127.0.0.1:8080; point SDKs to it with AWS_ENDPOINT_URL_STS'],
    [
      'sts --config sts.yaml --port 443 --host 0.0.0.0 --tls-cert tls.crt --tls-key tls.key',
      'Serve HTTPS to other machines',
    ],
  ],
  settings: stsSettings,
  run: async (settings, { stdout, env, signal, serveUntilSignal }) => {
    const logger = createLogger(settings.logLevel, stdout);
    await serveUntilSignal(() => serveSts(settings, { logger, env, signal }));
    return 'done';
  },
});
