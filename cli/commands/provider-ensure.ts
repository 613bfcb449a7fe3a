import { ensureProviderSettings } from '../../bind/provider/settings.ts';
import { defineCommand } from '../command.ts';

export const providerEnsure = defineCommand({
  description: `Creates the IAM OIDC provider of the cluster's issuer, or adds what an existing one lacks: client IDs, tags, and the thumbprint of the top certificate that the issuer's host serves. It prints the changes (for programs with -o json or -o yaml); --approve makes them.
Nothing is removed unless --prune is given. Publish the issuer first, or give --thumbprint.`,
  examples: [
    ['provider ensure', 'Print what is missing'],
    ['provider ensure --approve', 'Create it'],
    [
      'provider ensure --issuer https://oidc.example.com --client-id sts.amazonaws.com --approve',
      'Without a cluster',
    ],
  ],
  settings: ensureProviderSettings,
  progress: () => 'reading IAM and the issuer',
  run: async (settings, terminal) => {
    const { runEnsureProvider } = await import('../../bind/provider/run-ensure.ts');
    return await runEnsureProvider(settings, terminal);
  },
});
