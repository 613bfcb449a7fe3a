import type { awsExplanations } from './aws/aws-explanations.ts';
import type { clusterExplanations } from './cluster/cluster-explanations.ts';
import type { issuerExplanations } from './issuer/issuer-explanations.ts';

/** Code of a finding. Each has an entry in docs/troubleshooting.md. */
export type FindingCode =
  | keyof typeof clusterExplanations
  | keyof typeof issuerExplanations
  | keyof typeof awsExplanations;
