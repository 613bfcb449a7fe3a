import type { ListedRole, ProviderFacts } from '../../../bind/iam/iam-facts.ts';
import type { ListedServiceAccount } from '../../../bind/list/join-bindings.ts';
import type { RoleSettings } from '../../../identity/roles.ts';
import type { NamespaceFacts } from '../../../policy/namespace-facts.ts';
import type { ClusterFacts } from '../../facts/cluster-facts.ts';
import type { IssuerFacts } from '../../facts/issuer-facts.ts';
import type { PodFacts } from '../../facts/pod-facts.ts';
import type { Reading } from '../../facts/reading.ts';
import type { RoleRulesFacts } from '../../facts/rule-facts.ts';
import type { SourceKind } from '../../workload/credential-sources.ts';
import type { RbacFacts } from './rbac-facts.ts';

/** Everything that an audit read, as plain data. The joins and the findings are made from it alone. */
export interface AuditFacts {
  /** Judgements about time use this, and not the clock. */
  readonly collectedAt: Date;
  readonly settings: AuditJudgement;
  readonly clusters: readonly ClusterAuditFacts[];
  readonly iam: IamAuditFacts;
}

/** Settings that change a judgement. */
export interface AuditJudgement extends RoleSettings {
  /** Audience of tokens whose ServiceAccount names none. */
  readonly tokenAudience: string;
  /** Namespace to which the audit is restricted. */
  readonly namespace: string | undefined;
  /** A role is unused if nobody has used it for this long. */
  readonly unusedAfterMs: number;
  /** Roles of the nodes' instance profiles that the user names. */
  readonly nodeRoleArns: readonly string[];
  /** Options of the webhook for roles that pods name, and its policy; left out if nobody asked for them. */
  readonly roleRules?: RoleRulesFacts;
}

/** One cluster, as far as an audit needs it. */
export interface ClusterAuditFacts {
  readonly context: string;
  /** Undefined if it could not be read. */
  readonly issuer: string | undefined;
  readonly namespaceCount: number;
  /** Rules of the namespaces that have any, by name; left out if the namespaces could not be listed. */
  readonly namespaceRules?: ReadonlyMap<string, NamespaceFacts>;
  readonly serviceAccounts: readonly AuditServiceAccount[];
  /** False if the ServiceAccounts could not all be read, so that none can be said to be missing. */
  readonly hasAllServiceAccounts: boolean;
  readonly pods: readonly AuditPod[];
  readonly nodes: NodeSummary;
  /** Names of the agents for roles of nodes that run in the cluster. */
  readonly agents: readonly NodeAgentSummary[];
  readonly rbac: RbacFacts;
  readonly keys: readonly StaticKey[];
  /** Further facts for the judged chains. */
  readonly chain: ChainSources;
  /** Answers of `--probe-metadata`; undefined if nobody asked. */
  readonly metadataProbe: MetadataProbe | undefined;
  /** Each read that failed, with what the audit therefore does not say. */
  readonly unread: readonly string[];
}

/** Facts that only the judged chains need. */
export interface ChainSources
  extends Pick<ClusterFacts, 'webhooks' | 'nodeAgents' | 'apiServer' | 'clockSkewSeconds'> {
  /** By namespace. */
  readonly namespaceLabels: Reading<ReadonlyMap<string, Readonly<Record<string, string>>>>;
  /** Undefined if the issuer is not known. */
  readonly issuer: IssuerFacts | undefined;
  /** The newest running pod of each ServiceAccount with a role, by `namespace/name` of the ServiceAccount. */
  readonly newestPods: ReadonlyMap<string, PodFacts>;
  readonly hasAllPods: boolean;
}

export interface AuditServiceAccount extends ListedServiceAccount {
  readonly uid: string;
  readonly createdAt: string;
  /** Time of the last change of its annotations, by managedFields. */
  readonly annotatedAt: string | undefined;
}

/** A running pod, as far as its roles depend on it. */
export interface AuditPod {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  /** Value of `iam.amazonaws.com/role`, or of the annotation that --pod-role-annotation names. */
  readonly kube2iamRole: string | undefined;
  /** Roles of web identity that the variables of its containers name. */
  readonly roles: readonly PodRole[];
  /** Containers ask the agent of EKS Pod Identity. */
  readonly usesPodIdentity: boolean;
  /** The metadata addresses lead to podrole's sidecar, or to the agent. */
  readonly isRedirected: boolean;
}

/** Role that variables of a container name. */
export interface PodRole {
  readonly container: string;
  readonly roleArn: string;
  /** Audience of its token; undefined if no volume of the pod has the token. */
  readonly audience: string | undefined;
  /** Place from which the container takes its sessions. */
  readonly servedBy?: SourceKind | undefined;
  /** Role that this role assumes: the container gets only sessions of that one. */
  readonly targetRoleArn?: string | undefined;
}

export interface NodeSummary {
  readonly count: number;
  /** Nodes that are instances of EC2, by their providerID. */
  readonly onEc2: number;
  /** Roles by which nodes of EC2 join the cluster: the ConfigMap `aws-auth` of EKS. */
  readonly roleArns: readonly string[];
}

export interface NodeAgentSummary {
  readonly kind: 'kube2iam' | 'kiam' | 'eks-pod-identity-agent' | 'podrole-agent';
  readonly namespace: string;
  readonly name: string;
}

/** A static key of AWS in an object of the cluster. The key itself is not kept. */
export interface StaticKey {
  readonly kind: 'Pod' | 'ConfigMap' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  /** `variable AWS_ACCESS_KEY_ID of container web`, `key credentials`. */
  readonly place: string;
  /** `AKIA…WXYZ`. */
  readonly maskedKeyId: string;
  /** True if what may be its secret access key is there too. */
  readonly hasSecret: boolean;
}

/** Answer of one pod that tried to reach the instance metadata of its node. */
export type MetadataAnswer =
  | { readonly state: 'reachable'; readonly status: number }
  | { readonly state: 'refused' | 'timeout' }
  | { readonly state: 'unknown'; readonly why: string };

export interface MetadataProbe {
  /** GET without a session token. */
  readonly v1: MetadataAnswer;
  /** PUT that asks for a session token. */
  readonly v2: MetadataAnswer;
}

/** IAM, as far as an audit needs it. */
export interface IamAuditFacts {
  /** Undefined if IAM could not be read at all. */
  readonly account: { readonly accountId: string; readonly partition: string } | undefined;
  /** Undefined if the roles could not be listed. */
  readonly roles: readonly AuditRole[] | undefined;
  /** Providers of the account; undefined if they could not be listed. */
  readonly providers: readonly AuditProvider[] | undefined;
  /** Roles of instance profiles; undefined if they could not be listed. */
  readonly instanceProfileRoleArns: readonly string[] | undefined;
  readonly unread: readonly string[];
}

export interface AuditRole extends ListedRole {
  /** `never` within the time that IAM keeps; `unknown` if it was not read. */
  readonly lastUsedAt: Date | 'never' | 'unknown';
}

export interface AuditProvider extends Pick<ProviderFacts, 'arn' | 'issuer'> {
  readonly thumbprints: readonly string[];
  /** Undefined if the provider could not be read. */
  readonly clientIds: readonly string[] | undefined;
  /**
   * Result of fetching its discovery document; `not asked` for those of audited clusters, and if it proves
   * nothing.
   */
  readonly served: 'yes' | 'not asked' | { readonly no: string };
}
