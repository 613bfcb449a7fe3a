import { resolve } from 'node:path';
import { collectFaults, type Fault, throwIfAny } from '../../../lib/errors.ts';
import { readInputSync } from '../../../lib/files/read-file.ts';
import { readSettingFile } from '../../../lib/settings/settings.ts';
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

/**
 * Returns the bindings of the files of `--filename`.
 * @param notice takes a line, for a person, about a part that is not read
 * @throws PodroleError `INVALID_SETTING`, `UNREADABLE_FILE`, `INVALID_BINDINGS_FILE`
 */
export function readFiles(
  { filename: files, accountId, partition }: BindSettings,
  notice: (line: string) => void,
): AskedBindings {
  const faults = [...twiceFaults('--filename', files)];
  const texts = [...new Set(files)].flatMap((file) => {
    const text = collectFaults(faults, () => readSettingFile('--filename', file, readInputSync));
    return text === undefined ? [] : [{ file, text }];
  });
  const read = readTexts(texts, notice, { accountId, partition }, faults);
  const withAccount = (account: AwsAccount) => {
    const known = { accountId: account.accountId, partition, foundPartition: account.partition };
    return readTexts(texts, () => undefined, known).bindings;
  };
  return { ...read, withAccount: read.usesUnknownAccount ? withAccount : () => read.bindings };
}

interface NamedText {
  readonly file: string;
  readonly text: string;
}

/** Reads every file, so that the faults of all of them are reported at once. */
function readTexts(
  texts: readonly NamedText[],
  notice: (line: string) => void,
  account: KnownAccount,
  faults: Fault[] = [],
): Omit<AskedBindings, 'withAccount'> & { readonly usesUnknownAccount: boolean } {
  const fileOf = new Map<string, string>();
  const read = texts.flatMap(({ file, text }) => {
    const found = collectFaults(faults, () => readBindings(text, file, notice, account));
    for (const binding of found?.bindings ?? []) {
      const id = ownerId(binding);
      const first = fileOf.get(id);
      if (first === undefined) fileOf.set(id, file);
      else if (resolve(first) !== resolve(file)) {
        const problem = `binds ${id}, which ${first} does already`;
        faults.push({ code: 'INVALID_BINDINGS_FILE', object: file, problem, remedy: 'leave one of them' });
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
