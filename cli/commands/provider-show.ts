import { showProviderSettings } from '../../bind/provider/settings.ts';
import { doneIf } from '../../lib/outcome.ts';
import { defineCommand } from '../command.ts';

export const providerShow = defineCommand({
  description: `Shows the IAM OIDC provider of the cluster's issuer, and compares it with the audience of the tokens and with the certificates that the issuer's host serves. Exits with 3 if tokens would be refused.`,
  examples: [
    ['provider show', 'The provider of the cluster'],
    ['provider show --issuer https://oidc.example.com -o json', 'The provider of an issuer, for a script'],
  ],
  settings: showProviderSettings,
  progress: () => 'reading IAM and the issuer',
  run: async (settings, terminal) => {
    const { runShowProvider } = await import('../../bind/provider/run-show.ts');
    return doneIf(await runShowProvider(settings, terminal));
  },
});
