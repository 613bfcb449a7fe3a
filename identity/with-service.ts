import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { asText } from '../lib/json/json.ts';
import { type Annotated, THIS_POD } from './annotated.ts';
import { decideSidecar } from './decide-sidecar.ts';
import type { PodIdentity } from './pod-identity.ts';
import type { InjectedSidecarSettings } from './settings/sidecar-settings.ts';
import { targetBesideEks, targetWithoutRole, unservedTarget } from './target-role.ts';

/**
 * Returns the identity with the sidecar or agent that hands out its credentials, if one is asked for. Without
 * one, it has no role that must assume another one.
 */
export function withService(
  identity: PodIdentity | undefined,
  settings: InjectedSidecarSettings,
  { object, own, pod, key }: Annotated,
): { readonly identity: PodIdentity | undefined; readonly warnings: readonly string[] } {
  const given = [
    [THIS_POD, asText(pod[PODROLE_ANNOTATION.sidecar])],
    [object, own[PODROLE_ANNOTATION.sidecar]],
  ] as const;
  const ofPod = identity?.kind === 'web-identity' ? identity : undefined;
  const hasRole = ofPod?.role !== undefined;
  const hasContainerRoles = (ofPod?.containerRoles.length ?? 0) > 0;
  const { request, warnings } = decideSidecar({ given, hasRole, hasContainerRoles, settings });
  if (!ofPod) {
    const isGiven = Boolean(own[PODROLE_ANNOTATION.targetRoleArn]);
    const isExplained = own[key('roleArn')] || own[PODROLE_ANNOTATION.containerRoles] || warnings.length > 0;
    const unused = identity ? targetBesideEks(object) : isExplained ? undefined : targetWithoutRole(object);
    return { identity, warnings: isGiven && unused ? [...warnings, unused] : warnings };
  }
  if (request) return { identity: { ...ofPod, sidecar: request }, warnings };
  if (!ofPod.role?.target) return { identity, warnings };
  const others = hasContainerRoles ? { ...ofPod, role: undefined } : undefined;
  return { identity: others, warnings: [...warnings, unservedTarget(object)] };
}
