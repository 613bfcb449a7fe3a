import type { OldProxy } from '../../migrate/model.ts';
import { migrateSettings } from '../../migrate/settings.ts';
import { defineCommand } from '../command.ts';

/** @param looksFor what breaks most often in the move from this proxy */
function migrateFrom(from: OldProxy, looksFor: string) {
  return defineCommand({
    description: `Plans the move from ${from} to podrole. For every workload whose pods name a role, it shows which role that is, whether the rule of the Namespace allows it, as which ServiceAccount the pods run, whether pods with other roles share it, whether the role trusts it, and what would break: ${looksFor}.

It changes nothing. --out writes the files of three steps, each with what undoes it: trust both the proxy and the ServiceAccounts, switch the namespaces one by one, and clean up. --check reads workloads, pods and the logs of the proxy, and shows who still needs it.

In the cluster it lists pods, workloads, Namespaces, ServiceAccounts and their bindings, and reads the issuer; with --filename it reads saved manifests instead. In IAM it uses ListRoles and ListOpenIDConnectProviders. What it may not read it names, and goes on. AWS credentials and region are found as the AWS CLI finds them.`,
    examples: [
      [`migrate ${from}`, 'The cluster of your kubeconfig'],
      [`migrate ${from} -n shop -o json`, 'One namespace, for a program'],
      [`migrate ${from} --out migration`, 'Write the files of the three steps'],
      [`migrate ${from} --check --since 6h`, 'Who asked the proxy in the last six hours?'],
      [`migrate ${from} -f saved.yaml --iam=false`, 'Saved manifests, without AWS'],
    ],
    settings: migrateSettings,
    exitsWithOne: 'breaks, or proxy still needed',
    progress: () => 'reading the cluster and IAM',
    run: async (settings, terminal) => {
      const { runMigrate } = await import('../../migrate/run-migrate.ts');
      return await runMigrate(from, settings, terminal);
    },
  });
}

export const migrateKube2iam = migrateFrom(
  'kube2iam',
  'pods that live by its default role, namespaces without a rule, external IDs, static keys and static pods',
);

export const migrateKiam = migrateFrom(
  'kiam',
  'expressions that it does not anchor, external IDs, static keys and static pods',
);
