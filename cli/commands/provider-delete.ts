import { deleteProviderSettings } from '../../bind/provider/settings.ts';
import { defineCommand } from '../command.ts';

export const providerDelete = defineCommand({
  description: `Deletes the IAM OIDC provider of the cluster's issuer, unless roles trust it. It prints the change (for programs with -o json or -o yaml); --approve makes it.`,
  examples: [
    ['provider delete', 'Print whether it can be deleted'],
    [
      'provider delete --issuer https://old.example.com --approve',
      'Delete the provider of an issuer that is no longer used',
    ],
  ],
  settings: deleteProviderSettings,
  progress: () => 'reading IAM',
  run: async (settings, terminal) => {
    const { runDeleteProvider } = await import('../../bind/provider/run-delete.ts');
    return await runDeleteProvider(settings, terminal);
  },
});
