import { testSettings } from '../../test-pod/settings.ts';
import { defineCommand } from '../command.ts';

export const test = defineCommand({
  description: `Starts a short-lived pod with a ServiceAccount, and shows each step on the way to its role, with the time that it took: admitted by the webhook, scheduled, started, answered by STS, and with the right role. Then it removes the pod, also if a step fails or after Ctrl-C.
The pod runs podrole whoami with the image of podrole's webhook, under the Pod Security Standard restricted.`,
  examples: [
    ['test -n shop web', 'Show that pods of ServiceAccount shop/web get their role'],
    ['test shop/web -o json', 'The same, for programs'],
    ['test -n shop web --container fluentd', 'Test the role of one container'],
    ['test -n shop web --image registry.example.com/podrole:0.1.0', 'Where podrole has no webhook'],
  ],
  settings: testSettings,
  operands: [{ placeholder: '[serviceaccount...]', help: 'web, sa/web or shop/web' }],
  run: async (settings, terminal, operands) => {
    const { runTest } = await import('../../test-pod/run-test.ts');
    // An interrupted run still removes its pod.
    await terminal.deferSignals(() => runTest(settings, terminal, operands));
    return 'done';
  },
});
