import { ENV } from '../../../../lib/contract/sdk.ts';
import type { ContainerFacts, PodFacts } from '../../../facts/pod-facts.ts';
import { exchangingContainer, mountedToken, tokenFileVariable } from '../../../workload/mounted-token.ts';
import { unreadableToken } from '../../../workload/token-access.ts';
import { isSet, shownValueOf, variableOf } from '../../../workload/variables.ts';

/** Fault that keeps a container from its role. */
export interface ContainerFault {
  readonly code:
    | 'no role'
    | 'ROLE_VARIABLE_ALONE'
    | 'ROLE_DIFFERS'
    | 'TOKEN_NOT_MOUNTED'
    | 'AUDIENCE_DIFFERS'
    | 'TOKEN_UNREADABLE';
  readonly container: string;
  /** Follows the name of the container. */
  readonly problem: string;
}

/** Role and token that a container should have. */
export interface ExpectedRole {
  readonly roleArn: string;
  readonly audience: string;
  /** Role that this role should assume; empty for none, undefined if that is not known. */
  readonly targetRoleArn?: string | undefined;
}

/** Returns undefined if the container has its role, or if its variables come from elsewhere. */
export function containerFault(
  pod: PodFacts,
  container: ContainerFacts,
  grant: ExpectedRole,
): ContainerFault | undefined {
  const fault = (code: ContainerFault['code'], problem: string): ContainerFault => ({
    code,
    container: container.name,
    problem,
  });
  const exchanging = exchangingContainer(pod, container);
  const fileVariable = tokenFileVariable(exchanging);
  const [hasRole, hasFile] = [isSet(exchanging, ENV.roleArn), isSet(exchanging, fileVariable)];
  if (!hasRole && !hasFile)
    return container.hasEnvFrom ? undefined : fault('no role', `has no ${ENV.roleArn}`);
  if (!hasRole || !hasFile) {
    const [set, missing] = hasRole ? [ENV.roleArn, fileVariable] : [fileVariable, ENV.roleArn];
    return container.hasEnvFrom ? undefined : fault('ROLE_VARIABLE_ALONE', `has ${set} without ${missing}`);
  }
  const role = shownValueOf(exchanging, ENV.roleArn);
  if (role !== undefined && role !== grant.roleArn) return fault('ROLE_DIFFERS', `has the role ${role}`);
  const target = targetProblem(container, grant);
  if (target !== undefined) return fault('ROLE_DIFFERS', target);
  if (variableOf(exchanging, fileVariable)?.from) return undefined;
  const file = shownValueOf(exchanging, fileVariable) ?? '';
  const token = mountedToken(pod, exchanging, file);
  if (!token) return fault('TOKEN_NOT_MOUNTED', `mounts no token at ${file}`);
  if (token.audience !== grant.audience) {
    const audience = token.audience === undefined ? 'the API server' : token.audience;
    return fault('AUDIENCE_DIFFERS', `has a token for ${audience}`);
  }
  // The agent reads any token of its node.
  if (fileVariable === ENV.tokenFile) return undefined;
  const unreadable = unreadableToken(pod, exchanging, token);
  return unreadable === undefined
    ? undefined
    : fault('TOKEN_UNREADABLE', `cannot read its token: ${unreadable}`);
}

/** Returns what is wrong with the target role of a container: it would work on the wrong account. */
function targetProblem(container: ContainerFacts, { targetRoleArn }: ExpectedRole): string | undefined {
  if (targetRoleArn === undefined || variableOf(container, ENV.targetRoleArn)?.from) return undefined;
  const target = shownValueOf(container, ENV.targetRoleArn) ?? '';
  if (target === targetRoleArn) return undefined;
  return target === '' ? `does not assume ${targetRoleArn}` : `assumes the target role ${target}`;
}
