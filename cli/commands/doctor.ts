import { doctorSettings } from '../../doctor/settings.ts';
import { defineCommand } from '../command.ts';

export const doctor = defineCommand({
  description: `Follows the credentials of a pod from the annotation of its ServiceAccount to a session of STS, and names the first broken link and the command that repairs it. It reads the cluster, the issuer as STS does, and IAM, and makes one AssumeRoleWithWebIdentity call. Then it judges each link:

  ok       as it should be
  warning  it works, but should be changed
  BROKEN   the pod cannot get its credentials
  skipped  depends on a broken link
  unknown  could not be read, for example for lack of a right

It changes nothing. With a workload or a ServiceAccount it judges their newest pod. A container with a role of its own is judged on its own.

It uses these rights, and goes on without those that you lack. In the cluster: get on pods, serviceaccounts, services, namespaces and workloads; list on pods, events, endpointslices, daemonsets and mutatingwebhookconfigurations; create on serviceaccounts/token, to get a token, and on pods, only with dryRun. In IAM: GetOpenIDConnectProvider, GetRole, ListRoleTags, ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, GetPolicy, GetPolicyVersion; ListRoles and ListOpenIDConnectProviders if something is missing.

Exits with 0 if every chain is healthy, 1 if a link is broken, and 3 if too little could be read.`,
  examples: [
    ['doctor -n shop pod/web-5f1c', 'Why has this pod no credentials?'],
    ['doctor -n shop deploy/web sa/worker', 'A Deployment, and a ServiceAccount'],
    ['doctor -n shop --all', 'Every ServiceAccount of a namespace that has a role'],
    ['doctor -n shop deploy/web --save web-facts', 'Save the facts to send them to a colleague'],
    ['doctor --offline web-facts', 'Judge what somebody saved'],
    ['doctor -A -o json', 'The whole cluster, for a program'],
  ],
  settings: doctorSettings,
  operands: [
    {
      placeholder: '[subject...]',
      help: 'pod/NAME, deployment/NAME, sts/NAME, ds/NAME, job/NAME, cronjob/NAME; for a ServiceAccount web, sa/web or shop/web',
    },
  ],
  exitsWithOne: 'a link is broken',
  progress: ({ offline }) => (offline === undefined ? 'reading cluster, issuer and IAM' : undefined),
  run: async (settings, terminal, operands) => {
    const { runDoctor } = await import('../../doctor/run-doctor.ts');
    return await runDoctor(settings, terminal, operands);
  },
});
