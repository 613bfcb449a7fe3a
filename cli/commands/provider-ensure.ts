import { ensureProviderSettings } from '../../bind/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const providerEnsure = defineCommand({
  description: `Makes the IAM OIDC provider of the cluster's issuer, or adds to an existing one what it lacks: client IDs, the thumbprint of the top certificate that the issuer's host serves, tags. It prints what would change; --approve makes the changes.
Nothing is removed unless --prune is given. The issuer must be published first, or --thumbprint given.`,
  examples: [
    ['provider ensure', 'Show what is missing'],
    ['provider ensure --approve', 'Make it'],
    [
      'provider ensure --issuer https://oidc.example.com --client-id sts.amazonaws.com --approve',
      'Without a cluster',
    ],
  ],
  settings: ensureProviderSettings,
  progress: () => 'reading IAM and the issuer',
  run: async (settings, terminal) => {
    const { runEnsureProvider } = await import('../../bind/provider/run-ensure.ts');
    return (await runEnsureProvider(settings, terminal)) ? EXIT.ok : EXIT.failed;
  },
});
