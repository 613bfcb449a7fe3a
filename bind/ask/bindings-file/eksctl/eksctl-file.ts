import { asObject, asText } from '../../../../lib/json/json.ts';
import type { FieldPath, FileReport } from '../../../../lib/yaml/fields.ts';
import type { FoundBinding } from '../podrole-bindings.ts';
import { readServiceAccounts } from './service-accounts.ts';
import { type KnownAccount, stackParameters } from './stack-parameters.ts';
import { noteUntakenParts } from './untaken-parts.ts';

export const EKSCTL_KIND = { apiVersion: 'eksctl.io/v1alpha5', kind: 'ClusterConfig' } as const;

/** The cluster that an eksctl file is about. */
export interface EksctlCluster {
  readonly name: string;
  readonly region: string | undefined;
  /** Place of the name, for messages: `cluster.yaml:4 metadata.name`. */
  readonly place: string;
}

interface EksctlFile {
  readonly bindings: readonly FoundBinding[];
  readonly cluster: EksctlCluster | undefined;
}

/**
 * Returns the bindings in the `iam.serviceAccounts` of an eksctl file, and its cluster. Notes the roles that
 * other parts of the file give.
 */
export function readEksctlFile(
  document: unknown,
  report: FileReport,
  { account, onStandIn }: { readonly account: KnownAccount; readonly onStandIn: () => void },
): EksctlFile {
  noteUntakenParts(document, report);
  const metadata = asObject(asObject(document)?.['metadata']);
  const read = (member: string) => optionalText(metadata?.[member], ['metadata', member], report);
  const [name, region] = [read('name'), read('region')];
  return {
    bindings: readServiceAccounts(document, stackParameters(account, region, onStandIn), report),
    cluster: name === undefined ? undefined : { name, region, place: report.place(['metadata', 'name']) },
  };
}

function optionalText(value: unknown, path: FieldPath, report: FileReport): string | undefined {
  if (value !== undefined && value !== null && typeof value !== 'string') {
    report.fault(path, 'must be a string', 'write it itself, in quotes if it is a number');
  }
  return asText(value) || undefined;
}
