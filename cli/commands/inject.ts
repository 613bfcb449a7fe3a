import { runInject } from '../../inject/run-inject.ts';
import { injectSettings } from '../../inject/settings.ts';
import { defineCommand } from '../command.ts';

export const inject = defineCommand({
  description: `Gives the pods in manifests their AWS role, as the webhook does, for clusters that are deployed from Git. It reads YAML and JSON with Pods, all kinds of Kubernetes that hold pod templates, those of Argo Rollouts, Knative, OpenKruise, KEDA, JobSet, LeaderWorkerSet and OpenShift, those that --template-path names, and Lists; everything else passes through, with a note if it seems to hold pods. Unchanged parts keep their formatting and comments. ServiceAccounts are looked up in the manifests, then in --service-accounts, then with --cluster in the cluster; so are Namespaces, if their rules for roles matter. Run it again to update what it wrote before, or to remove it when the role is gone.`,
  examples: [
    ['inject -f app.yaml --service-accounts serviceaccounts.yaml', 'Print the manifests with their roles'],
    ['inject -f apps/ --diff --exit-code', 'In CI: fail if a manifest is out of date'],
    ['inject -f apps/ -R --in-place', 'Update the files of a folder and of the folders in it'],
    [
      'inject -f apps/ --template-path TFJob.kubeflow.org=spec.tfReplicaSpecs.*.template',
      'Include a kind of a custom resource',
    ],
    ['inject -f - --cluster -n shop', 'Between helm and kubectl, with ServiceAccounts of the cluster'],
  ],
  settings: injectSettings,
  run: async (settings, terminal) => await runInject(settings, terminal),
});
