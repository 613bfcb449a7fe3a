import { unbindSettings } from '../../bind/settings.ts';
import { defineCommand } from '../command.ts';

export const unbind = defineCommand({
  description: `Removes a ServiceAccount's role: the annotation, and the role if podrole created it. It prints the changes (for programs with -o json or -o yaml); --approve makes them.
If podrole did not create the role, or others use it too, only podrole's own statement, policies and tags are removed. The OIDC provider stays, and so do the roles of single containers, unless --container names one.`,
  examples: [
    ['unbind -n shop web', 'Print what would be removed'],
    ['unbind -n shop web --approve', 'Remove it'],
    ['unbind shop/web shop/api', 'Of several ServiceAccounts'],
    ['unbind -f bindings.yaml', 'What a bindings file names, and nothing else'],
  ],
  settings: unbindSettings,
  operands: [
    {
      placeholder: '[serviceaccount...]',
      help: 'ServiceAccounts, unless --filename is given: web, sa/web or shop/web',
    },
  ],
  progress: (settings) => (settings.approve ? 'unbinding' : 'reading IAM and the cluster'),
  run: async (settings, terminal, operands) => {
    const { runUnbind } = await import('../../bind/run-unbind.ts');
    return await runUnbind(settings, terminal, operands);
  },
});
