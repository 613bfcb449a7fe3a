import { buildTargetRole } from '../credentials/chain/build-target-role.ts';
import type { TargetRole } from '../credentials/chain/target-role.ts';
import { throwIfAny } from '../lib/errors.ts';
import { flagName, variableName } from '../lib/settings/settings.ts';
import type { SidecarSettings } from './settings.ts';

/**
 * Returns the target role of the settings, if they have one, with its external id and session tags.
 * @throws PodroleError `MISSING_SETTING` for each fact of the pod that is not given; those of buildTargetRole
 */
export function targetRoleOf(settings: SidecarSettings): TargetRole | undefined {
  const { targetRoleArn: targetRole, sessionTags: hasSessionTags, clusterName } = settings;
  if (!targetRole) return undefined;
  const { namespace, serviceAccount, podName, podUid } = settings;
  const ofExternalId = { clusterName, namespace, serviceAccount };
  requireGiven(hasSessionTags ? { ...ofExternalId, podName, podUid } : ofExternalId);
  return buildTargetRole({
    region: settings.region,
    role: settings.roleArn,
    targetRole,
    clusterName,
    namespace: namespace ?? '',
    serviceAccountName: serviceAccount ?? '',
    podName: podName ?? '',
    podUid: podUid ?? '',
    hasSessionTags,
  });
}

/** In a pod, the webhook sets the variables. */
function requireGiven(byName: Readonly<Record<string, string | undefined>>): void {
  const missing = Object.entries(byName).filter(([, value]) => !value);
  throwIfAny(
    missing.map(([name]) => ({
      code: 'MISSING_SETTING',
      object: `--${flagName(name)}`,
      problem: 'is not set, but --target-role-arn needs it',
      remedy: `give it, or set ${variableName(name)}`,
    })),
  );
}
