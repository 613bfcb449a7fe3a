import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { collectFaults, type Fault, throwIfAny } from '../../../lib/errors.ts';
import { MAX_FILE_BYTES } from '../../../lib/files/read-file.ts';
import { type NamedText, readFiles } from '../../../lib/files/read-files.ts';
import type { AwsAccount } from '../../iam/account.ts';
import { ownerId } from '../../names.ts';
import type { BindSettings } from '../../settings.ts';
import type { Binding } from '../binding.ts';
import type { EksctlCluster } from './eksctl/eksctl-file.ts';
import type { KnownAccount } from './eksctl/stack-parameters.ts';
import { readBindings } from './read-bindings.ts';

/** Bindings that a command line asks for, with stand-ins for what is not known before IAM is asked. */
export interface AskedBindings {
  readonly bindings: readonly Binding[];
  /** Clusters that files of eksctl name. */
  readonly clusters: readonly EksctlCluster[];
  /** Returns the bindings with the values that the account gives. */
  readonly withAccount: (account: AwsAccount) => readonly Binding[];
}

/** Settings that name bindings files, and what is known of the account. */
export type FileSettings = Pick<
  BindSettings,
  'filename' | 'recursive' | 'namespace' | 'accountId' | 'partition'
>;

/** Files of `--filename`, and the faults of those that cannot be read. */
export type FilesRead = Awaited<ReturnType<typeof readFiles>>;

export async function readBindingsFiles(
  { filename, recursive }: Pick<FileSettings, 'filename' | 'recursive'>,
  stdin: Readable,
): Promise<FilesRead> {
  const maxBytes = MAX_FILE_BYTES.configuration;
  const how = { recursive, maxBytes, byteOrderMark: 'drop', content: 'bindings' } as const;
  const { files, faults } = await readFiles(filename, stdin, how);
  return { files, faults: [...twiceFaults('--filename', filename), ...faults] };
}

/**
 * Returns the bindings of the files of `--filename`.
 * @param notice takes a line, for a person, about a part that is not read
 * @throws PodroleError `INVALID_SETTING`, `UNREADABLE_FILE`, `INVALID_BINDINGS_FILE`
 */
export function bindingsOfFiles(
  { files, faults }: FilesRead,
  { namespace, accountId, partition }: FileSettings,
  notice: (line: string) => void,
): AskedBindings {
  const read = readTexts(files, notice, { accountId, partition }, [...faults]);
  throwIfAny(otherNamespaceFaults(read.bindings, namespace));
  const withAccount = (account: AwsAccount) => {
    const known = { accountId: account.accountId, partition, foundPartition: account.partition };
    return readTexts(files, () => undefined, known).bindings;
  };
  return { ...read, withAccount: read.usesUnknownAccount ? withAccount : () => read.bindings };
}

/** As in kubectl, `--namespace` never moves what a file puts into another namespace. */
function otherNamespaceFaults(bindings: readonly Binding[], namespace: string | undefined): readonly Fault[] {
  if (namespace === undefined) return [];
  const [first, ...others] = bindings.filter((binding) => binding.namespace !== namespace);
  if (!first) return [];
  const more = others.length === 0 ? '' : ` and ${others.length} more of other namespaces`;
  return [
    {
      code: 'INVALID_SETTING',
      object: '--namespace',
      problem: `is ${namespace}, and a file names ${ownerId(first)}${more}`,
      remedy: 'leave --namespace out, or correct the file',
    },
  ];
}

/** Reads every file, so that the faults of all of them are reported at once. */
function readTexts(
  texts: readonly NamedText[],
  notice: (line: string) => void,
  account: KnownAccount,
  faults: Fault[] = [],
): Omit<AskedBindings, 'withAccount'> & { readonly usesUnknownAccount: boolean } {
  const firstOf = new Map<string, { readonly file: string; readonly place: string }>();
  const read = texts.flatMap(({ name: file, text }) => {
    const found = collectFaults(faults, () => readBindings(text, file, notice, account));
    for (const binding of found?.bindings ?? []) {
      const id = ownerId(binding);
      const place = `${file}:${found?.lines.get(id) ?? ''}`;
      const first = firstOf.get(id);
      if (first === undefined) firstOf.set(id, { file, place });
      else if (resolve(first.file) !== resolve(file)) {
        const problem = `binds ${id}, which ${first.place} does already`;
        faults.push({ code: 'INVALID_BINDINGS_FILE', object: place, problem, remedy: 'leave one of them' });
      }
    }
    return found ?? [];
  });
  throwIfAny(faults);
  return {
    bindings: read.flatMap(({ bindings }) => bindings),
    clusters: read.flatMap(({ clusters }) => clusters),
    usesUnknownAccount: read.some(({ usesUnknownAccount }) => usesUnknownAccount),
  };
}

/** Refuses a file that a flag names twice. */
export function twiceFaults(flag: string, files: readonly string[]): readonly Fault[] {
  return [...Map.groupBy(files, (file) => resolve(file))].flatMap(([, same]) =>
    same.length === 1
      ? []
      : {
          code: 'INVALID_SETTING',
          object: flag,
          problem: `names ${same[0]} ${same.length} times`,
          remedy: 'name it once',
        },
  );
}
