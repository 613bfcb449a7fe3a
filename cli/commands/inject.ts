import { runInject } from '../../inject/run-inject.ts';
import { injectSettings } from '../../inject/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const inject = defineCommand({
  description: `Gives the pods in manifests their AWS role, as the webhook does, for clusters that are deployed from Git. It reads YAML and JSON with Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Jobs, CronJobs, PodTemplates and Lists; everything else passes through. Unchanged parts keep their formatting and comments. ServiceAccounts are looked up in the manifests, then in --service-accounts, then with --cluster in the cluster. Run it again to update what it wrote before; it removes that if the role is gone.`,
  examples: [
    ['inject -f app.yaml --service-accounts serviceaccounts.yaml', 'Print the manifests with their roles'],
    ['inject -f apps/ --diff --exit-code', 'In CI: fail if a manifest is out of date'],
    ['inject -f apps/ --in-place', 'Update the files of a folder'],
    [
      'inject -f - --cluster -n shop',
      'Between a template engine and kubectl apply, with ServiceAccounts of the cluster',
    ],
  ],
  settings: injectSettings,
  run: async (settings, terminal) => ((await runInject(settings, terminal)) ? EXIT.ok : EXIT.failed),
});
