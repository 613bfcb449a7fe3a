import { startPodRoleSite } from '../../setup/doctor/pod-role-site.ts';
import { testWorlds } from '../../setup/doctor/run-worlds.ts';
import { podRoleWorlds } from '../../setup/doctor/worlds/pod-role-worlds.ts';
import { trustWorlds } from '../../setup/doctor/worlds/trust-worlds.ts';

/** Trust of the role that the pods name: the ServiceAccount is not annotated again by the remedy. */
const OF_TRUST = ['trust policy that demands an external ID', 'trust policy of the wrong namespace'];

/** Worlds of pods that name their role as with kube2iam and kiam. */
testWorlds(await startPodRoleSite(), [
  ...podRoleWorlds,
  ...trustWorlds.filter(({ name }) => OF_TRUST.includes(name)),
]);
