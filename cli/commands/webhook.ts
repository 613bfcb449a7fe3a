import { once } from 'node:events';
import { systemClock } from '../../lib/clock.ts';
import { createLogger } from '../../lib/logger.ts';
import { startWebhook } from '../../webhook/server.ts';
import { webhookSettings } from '../../webhook/settings.ts';
import { defineCommand } from '../command.ts';

export const webhook = defineCommand({
  description: `Serves the mutating admission webhook that gives annotated pods their AWS role.
It supports the flags and annotations of amazon-eks-pod-identity-webhook. It logs JSON lines to stdout; "listening" names the ports.
On SIGTERM it becomes unready, keeps serving for --shutdown-delay, answers the admission requests in flight and ends.`,
  examples: [
    ['webhook', 'In a cluster, with a certificate at the default path'],
    [
      'webhook --in-cluster --namespace podrole --service-name podrole-webhook --tls-secret podrole-webhook-tls --webhook-configuration podrole',
      'In a cluster, with a certificate that it creates and renews itself',
    ],
    [
      'webhook --service-accounts accounts.yaml --tls-cert tls.crt --tls-key tls.key --port 8443',
      'Without a cluster, with ServiceAccounts from a file',
    ],
    [
      'webhook --kubeconfig ~/.kube/config --tls-cert tls.crt --tls-key tls.key --port 8443',
      'Outside its cluster',
    ],
  ],
  settings: webhookSettings,
  run: (settings, { stdout, env, signal, serveUntilSignal }) =>
    serveUntilSignal(async () => {
      const running = await startWebhook(settings, {
        logger: createLogger(settings.logLevel, stdout),
        env,
        clock: systemClock,
        random: Math.random,
      });
      if (!signal.aborted) await once(signal, 'abort');
      await running.stop();
      return 'done' as const;
    }),
});
