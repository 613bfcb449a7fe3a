import type { MigrationFacts } from '../facts/migration-facts.ts';

/** Objects of a cluster or of manifests, as far as a plan needs them. */
export type CollectedObjects = Pick<
  MigrationFacts,
  | 'proxies'
  | 'workloads'
  | 'hasAllPods'
  | 'isWhole'
  | 'namespaces'
  | 'serviceAccounts'
  | 'bindings'
  | 'issuer'
> & {
  readonly podRoleAnnotation: string;
  /** False if neither the pods nor the workloads could be read: then the plan says nothing. */
  readonly hasObjects: boolean;
};
