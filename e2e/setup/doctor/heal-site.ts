import { DeleteRoleCommand, DetachRolePolicyCommand } from '@aws-sdk/client-iam';
import { waitFor } from '../../../testing/wait-for.ts';
import { dryRunPod, environmentOf, ROLE_ARN } from '../pods/pods.ts';
import { NAMESPACE } from './deployment.ts';
import { type DoctorSite, ROLE_NAME } from './doctor-site.ts';
import { READ_ONLY } from './servers/aws-side.ts';
import { annotate, applyWorkload, recreatePods } from './workload.ts';
import type { World } from './world.ts';

/** Makes the site healthy after a world that failed, so that the next ones are judged by themselves. */
export async function healSite(site: DoctorSite, world: World): Promise<void> {
  const steps: (() => unknown)[] = [
    () => (world.remedy === 'commands' ? undefined : world.remedy(site)),
    () => world.tidyUp?.(site),
    () => healServers(site),
    () => site.podrole(['up', '--approve', '--wait=false', '--force-conflicts']),
    () => site.webhook.resume(),
    () => site.settle(),
    () => site.podrole(['provider', 'ensure', '--approve']),
    () => site.iam.send(new DetachRolePolicyCommand({ RoleName: ROLE_NAME, PolicyArn: READ_ONLY })),
    () => site.iam.send(new DeleteRoleCommand({ RoleName: ROLE_NAME })),
    () => annotate(site, ROLE_ARN, site.roleArn),
    () => site.bind(),
    () => annotate(site, ROLE_ARN, site.roleArn),
    () => waitForWebhook(site),
    () => site.kubectl(['-n', NAMESPACE, 'delete', 'deployment', 'web']),
    () => applyWorkload(site),
    () => recreatePods(site),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch {
      // It has nothing to repair: the other steps do not depend on it.
    }
  }
}

async function healServers({ issuer, documents, sts, stsFront }: DoctorSite): Promise<void> {
  stsFront.refusal = undefined;
  stsFront.clockAheadSeconds = 0;
  sts.clockAheadSeconds = 0;
  await stsFront.open();
  issuer.publish(documents);
  issuer.restoreCertificate();
  await issuer.open();
}

/** Resolves when the API server calls the webhook: it notices a new configuration a moment later. */
function waitForWebhook({ cluster, roleArn }: DoctorSite): Promise<unknown> {
  const isPatched = async () => {
    const pod = await dryRunPod(cluster, NAMESPACE, 'web');
    return environmentOf(pod, 'app')['AWS_ROLE_ARN'] === roleArn;
  };
  return waitFor(isPatched, 'a pod with its role', 10_000);
}
