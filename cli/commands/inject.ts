import { runInject } from '../../inject/run-inject.ts';
import { injectSettings } from '../../inject/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const inject = defineCommand({
  description: `Gives the pods of manifests their AWS role, as the webhook does, for clusters that are fed from Git.
Takes YAML and JSON with Pods, Deployments, StatefulSets, DaemonSets, ReplicaSets, ReplicationControllers, Jobs, CronJobs,
PodTemplates and Lists; everything else passes through. What is not changed stays as it is written, comments included.
ServiceAccounts are looked for in the manifests themselves, then in --service-accounts, then in the --cluster.
Run again it brings up to date what it has written, and takes it out where the role is gone.`,
  examples: [
    ['inject -f app.yaml --service-accounts serviceaccounts.yaml', 'Print the manifests with their roles'],
    ['inject -f apps/ --diff --exit-code', 'In CI: fail where a manifest is not up to date'],
    ['inject -f apps/ --in-place', 'Write the files of a folder back'],
    [
      'inject -f - --cluster -n shop',
      'Between a template and kubectl apply, with ServiceAccounts of the cluster',
    ],
  ],
  settings: injectSettings,
  run: async (settings, terminal) => ((await runInject(settings, terminal)) ? EXIT.ok : EXIT.failed),
});
