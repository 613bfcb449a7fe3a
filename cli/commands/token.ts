import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { runToken } from '../../oidc/token/run-token.ts';
import { tokenSettings } from '../../oidc/token/settings.ts';
import { defineCommand } from '../command.ts';

export const token = defineCommand({
  description: `Signs a web identity token with a private key of podrole keys create, for a VM or a Docker host that has no Kubernetes to sign tokens.
STS accepts it if podrole publish has published the key for the issuer, and if a role trusts the subject: podrole bind -n hosts vm-1 --role-only --issuer URL makes a role for system:serviceaccount:hosts:vm-1.
Whoever holds the key can be every subject of its issuer. So give hosts an issuer of their own, not that of a cluster.
With --watch, the token is replaced like in a volume of Kubernetes: mount its folder into a container, not the file.`,
  examples: [
    [
      'token --signing-key sa.key --issuer https://oidc.example.com --subject system:serviceaccount:hosts:vm-1',
      'Print a token that is valid for an hour',
    ],
    [
      'token --signing-key sa.key --issuer https://oidc.example.com --subject system:serviceaccount:hosts:vm-1 --watch /run/podrole/token/token',
      'Keep a fresh token in a file until SIGTERM',
    ],
    [
      'token --signing-key sa.key --issuer https://oidc.example.com --subject system:serviceaccount:hosts:vm-1 --file token --verify',
      'Write it once, if the issuer publishes the key',
    ],
  ],
  settings: tokenSettings,
  run: async (settings, terminal) => {
    const logger = createLogger(settings.logLevel, terminal.stdout);
    await runToken(settings, { ...terminal, clock: systemClock, random: Math.random, logger });
    return 'done';
  },
});
