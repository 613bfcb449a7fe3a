import { unbindSettings } from '../../bind/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const unbind = defineCommand({
  description: `Takes a ServiceAccount's role away: the annotation, and the role where podrole made it. It prints what would change; --approve makes the changes.
Of a role that podrole did not make, or that others use too, only podrole's own statement, policies and tags go. The OIDC provider stays.`,
  examples: [
    ['unbind -n shop web', 'Show what would go'],
    ['unbind -n shop web --approve', 'Take it away'],
  ],
  settings: unbindSettings,
  operands: [{ placeholder: '<serviceaccount>', help: 'Name of the ServiceAccount' }],
  progress: (settings) => (settings.approve ? 'unbinding' : 'reading IAM and the cluster'),
  run: async (settings, terminal, operands) => {
    const { runUnbind } = await import('../../bind/run-unbind.ts');
    return (await runUnbind(settings, terminal, operands)) ? EXIT.ok : EXIT.failed;
  },
});
