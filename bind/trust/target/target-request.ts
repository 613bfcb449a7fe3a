import { parseRoleArn } from '../../../lib/arn.ts';
import { REGION } from '../../../lib/contract/iam.ts';
import { CLUSTER_NAME, SESSION_TAG } from '../../../lib/target-role.ts';
import { globMatches } from '../../../lib/text/glob.ts';
import { operatorHolds } from '../../../sts/condition-operator.ts';
import { type Condition, hasVariable } from '../../../sts/policy-document.ts';
import type { TargetEntry } from './target-entry.ts';
import { EXTERNAL_ID_KEY, REQUEST_TAG_PREFIX } from './target-statement.ts';

/** Request of a pod that assumes its target role, as far as the cluster shows it. */
export interface TargetRequest {
  /** The pod's own role. */
  readonly roleArn: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly hasSessionTags: boolean;
  /** Undefined if it is not known: then every name is taken for right. */
  readonly clusterName: string | undefined;
  /** Undefined if it is not known. */
  readonly region: string | undefined;
}

/** Returns the request of an entry, of which everything is known. */
export function requestOf({ roleArn, externalId, tags }: TargetEntry): TargetRequest {
  const [region = '', , clusterName = '', namespace = '', serviceAccount = ''] = externalId.split('/');
  return { roleArn, region, clusterName, namespace, serviceAccount, hasSessionTags: tags !== undefined };
}

/** `unknown`: it depends on something that the cluster does not show, such as the source address. */
export type Holds = 'yes' | 'no' | 'unknown';

/** Returns whether a condition holds for the request. */
export function conditionHolds(condition: Condition, request: TargetRequest): Holds {
  const { operator, expected } = condition;
  const key = condition.key.toLowerCase();
  if (expected.some(hasVariable)) return 'unknown';
  if (key === EXTERNAL_ID_KEY.toLowerCase()) return externalIdHolds(condition, request);
  if (key === 'aws:principalarn') return arnHolds(condition, request.roleArn);
  const ofCluster = `${REQUEST_TAG_PREFIX}${SESSION_TAG.cluster}`.toLowerCase();
  if (key === ofCluster && request.hasSessionTags && request.clusterName === undefined)
    return operatorHolds(operator, expected, expected) ? 'yes' : 'no';
  const actual = valuesOf(key, request);
  return actual === undefined ? 'unknown' : operatorHolds(operator, expected, actual) ? 'yes' : 'no';
}

/** Returns the values that the request has for a key; none if it lacks the key; undefined if unknown. */
function valuesOf(key: string, request: TargetRequest): readonly string[] | undefined {
  const { namespace, serviceAccount, hasSessionTags, clusterName } = request;
  const known: Readonly<Record<string, string | undefined>> = {
    [SESSION_TAG.namespace]: namespace,
    [SESSION_TAG.serviceAccount]: serviceAccount,
    [SESSION_TAG.cluster]: clusterName,
    // A name that only a pod has.
    [SESSION_TAG.podName]: undefined,
    [SESSION_TAG.podUid]: undefined,
  };
  const prefix = REQUEST_TAG_PREFIX.toLowerCase();
  if (key.startsWith(prefix)) {
    const tag = key.slice(prefix.length);
    if (!hasSessionTags || !Object.hasOwn(known, tag)) return [];
    const value = known[tag];
    return value === undefined ? undefined : [value];
  }
  if (key === 'aws:tagkeys') return hasSessionTags ? Object.keys(known) : [];
  if (key === 'aws:securetransport') return ['true'];
  if (key === 'aws:principalaccount') return [parseRoleArn(request.roleArn)?.account ?? ''];
  if (key === 'aws:principaltype') return ['AssumedRole'];
  return undefined;
}

/** The external id of the request, with whatever the policy expects for a part that is not known. */
function externalIdHolds({ operator, expected }: Condition, request: TargetRequest): Holds {
  const { clusterName, region, namespace, serviceAccount } = request;
  const account = parseRoleArn(request.roleArn)?.account ?? '';
  const ids = expected.map((value) => {
    const [ofRegion = '', , ofCluster = ''] = value.split('/');
    const isWild = /[*?]/.test(value);
    return [
      region ?? (REGION.test(ofRegion) || isWild ? ofRegion : 'unknown'),
      account,
      clusterName ?? (CLUSTER_NAME.test(ofCluster) || isWild ? ofCluster : 'unknown'),
      namespace,
      serviceAccount,
    ].join('/');
  });
  return ids.some((id) => operatorHolds(operator, expected, [id])) ? 'yes' : 'no';
}

/** For a session, `aws:PrincipalArn` is the ARN of its role. [iam] "aws:PrincipalArn" */
function arnHolds({ operator, expected }: Condition, roleArn: string): Holds {
  const { comparison } = operator;
  if (!comparison.startsWith('Arn')) return operatorHolds(operator, expected, [roleArn]) ? 'yes' : 'no';
  // IAM compares both Arn operators with wildcards.
  const matches = expected.some((pattern) => globMatches(pattern, roleArn));
  return matches !== comparison.includes('Not') ? 'yes' : 'no';
}
