import { dnsSuffixOf, partitionOfRegion } from '../../../../lib/arn.ts';

/** Account of the run as far as it is known. */
export interface KnownAccount {
  readonly accountId?: string | undefined;
  /** Partition that was asked for. */
  readonly partition?: string | undefined;
  /** Partition of the credentials. */
  readonly foundPartition?: string | undefined;
}

/** Value of a parameter, or the reason why there is none. */
type Parameter =
  | { readonly value: string }
  | { readonly value: undefined; readonly problem: string; readonly remedy: string };

/** Values by the names of CloudFormation's pseudo parameters: `AWS::AccountId`. */
export type StackParameters = (name: string) => Parameter;

/** Has the form of an account, so that everything else about a binding can be checked with it. */
const STAND_IN_ACCOUNT = '000000000000';

/**
 * Returns the pseudo parameters for a file. A value that is not known yet is replaced by a stand-in.
 * @param region `metadata.region` of the file
 * @param onStandIn is called when a stand-in is used: the file must be read again when the account is known
 */
export function stackParameters(
  { accountId, partition, foundPartition }: KnownAccount,
  region: string | undefined,
  onStandIn: () => void,
): StackParameters {
  const standIn = (value: string): string => {
    onStandIn();
    return value;
  };
  // The region of an eksctl file says in which partition CloudFormation would work.
  const ofRegion = region === undefined ? undefined : partitionOfRegion(region);
  const partitionOfRun = () => partition ?? ofRegion ?? foundPartition ?? standIn('aws');
  return (name) => {
    switch (name) {
      case 'AWS::AccountId':
        return { value: accountId ?? standIn(STAND_IN_ACCOUNT) };
      case 'AWS::Partition':
        return { value: partitionOfRun() };
      case 'AWS::URLSuffix':
        return given(dnsSuffixOf(partitionOfRun()), 'which is not known for the partition', 'write it out');
      case 'AWS::Region':
        return given(region, 'but the file has no metadata.region', 'give metadata.region, or write it out');
      default:
        return given(undefined, 'which only CloudFormation knows', remedyFor(name));
    }
  };
}

function given(value: string | undefined, problem: string, remedy: string): Parameter {
  return value === undefined ? { value, problem, remedy } : { value };
}

function remedyFor(name: string): string {
  return name.includes(':') && !name.startsWith('AWS::')
    ? `write \${!${name}} if you mean the policy variable`
    : 'write the value itself';
}
