import { type Document, isScalar } from 'yaml';
import { type Fault, messageOf, throwIfAny } from '../../../lib/errors.ts';
import { asObject } from '../../../lib/json/json.ts';
import { placesIn } from '../../../lib/text/place-in-text.ts';
import { printable } from '../../../lib/text/printable.ts';
import { writePlace } from '../../../lib/text/write-place.ts';
import type { FieldPath, FileReport } from '../../../lib/yaml/fields.ts';
import { nameNullKeys } from '../../../lib/yaml/null-keys.ts';
import { createOffsetOf } from '../../../lib/yaml/offset-of.ts';
import { parseYamlDocuments } from '../../../lib/yaml/yaml-documents.ts';
import { yamlFault } from '../../../lib/yaml/yaml-fault.ts';
import { ownerId } from '../../names.ts';
import type { Binding } from '../binding.ts';
import { EKSCTL_KIND, type EksctlCluster, readEksctlFile } from './eksctl/eksctl-file.ts';
import type { KnownAccount } from './eksctl/stack-parameters.ts';
import { BINDINGS_KIND, type FoundBinding, readPodroleBindings } from './podrole-bindings.ts';
import { findUnknownTags } from './yaml-tags.ts';

/** Bindings of one file. */
export interface BindingsFile {
  readonly bindings: readonly Binding[];
  /** Line of each binding by its owner. */
  readonly lines: ReadonlyMap<string, number>;
  /** Clusters that documents of eksctl name. */
  readonly clusters: readonly EksctlCluster[];
  /** True if values are made of an account that is not known yet: read the file again when it is. */
  readonly usesUnknownAccount: boolean;
}

/** Part of a file that a document gives. */
interface FoundPart {
  readonly bindings: readonly FoundBinding[];
  readonly cluster?: EksctlCluster | undefined;
}

/**
 * Returns the bindings in YAML or JSON with one or several documents, each of podrole's kind Bindings or of
 * eksctl's ClusterConfig. Only the shape is checked here: check-binding.ts checks the values, which may also
 * come from flags.
 * @param fileName name of the text in faults
 * @param notice takes a line, for a person, about a part that is not read
 * @param account values of CloudFormation's pseudo parameters
 * @throws PodroleError `INVALID_BINDINGS_FILE` with every fault, each with its line
 */
export function readBindings(
  text: string,
  fileName: string,
  notice: (line: string) => void,
  account: KnownAccount = {},
): BindingsFile {
  const faults: Fault[] = [];
  const placeOf = placesIn(text);
  const documents = parseYamlDocuments(text, {
    merge: true,
  });
  const add = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_BINDINGS_FILE', object, problem, remedy });
  const firstLines = new Map<string, number>();
  let usesUnknownAccount = false;
  const onStandIn = () => {
    usesUnknownAccount = true;
  };
  const parts = documents.map((document): FoundPart => {
    // One mistake can cause errors in all that follows, so only the first is reported.
    const [error] = document.errors;
    if (error) {
      const { problem, remedy } = yamlFault(error, placeOf);
      add(fileName, problem, remedy);
    }
    if (document.errors.length > 0 || isEmpty(document)) return { bindings: [] };
    nameNullKeys(document);
    const offsetOf = createOffsetOf(document);
    const lineOf = (path: FieldPath) => placeOf(offsetOf(path)).line;
    const place = (path: FieldPath) => `${fileName}:${lineOf(path)} ${writePlace(path)}`.trim();
    const report: FileReport = {
      fault: (path, problem, remedy) => add(place(path), problem, remedy),
      notice: (path, line) => notice(printable(`${place(path)}: ${line}`)),
      place,
    };
    const tagFault = (tag: string, offset: number) =>
      add(`${fileName}:${placeOf(offset).line}`, `has the YAML tag ${tag}`, 'write the value itself');
    const found = readDocument(plainData(document, report, tagFault), report, { account, onStandIn });
    for (const { path, binding } of found.bindings) {
      const id = ownerId(binding);
      const first = firstLines.get(id);
      if (first === undefined) firstLines.set(id, lineOf(path));
      else report.fault(path, `binds ${id}, which line ${first} does already`, 'leave one of them');
    }
    return found;
  });
  if (documents.every(isEmpty)) {
    add(fileName, 'holds nothing', `begin with ${describeKind(BINDINGS_KIND)}`);
  }
  throwIfAny(faults);
  return {
    bindings: parts.flatMap(({ bindings }) => bindings.map(({ binding }) => binding)),
    lines: firstLines,
    clusters: parts.flatMap(({ cluster }) => cluster ?? []),
    usesUnknownAccount,
  };
}

/** True for the empty document after a last `---`, and for one that holds only comments. */
function isEmpty({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

/**
 * Returns the value of a document. In eksctl's, tags become members: `!Sub x` becomes `{'!Sub': 'x'}`. In any
 * other document, they are faults.
 */
function plainData(
  document: Document,
  report: FileReport,
  tagFault: (tag: string, offset: number) => void,
): unknown {
  try {
    const tags = findUnknownTags(document);
    const value: unknown = document.toJS({ maxAliasCount: 1_000 });
    if (tags.length === 0) return value;
    const mayHaveTags = isOfKind(value, EKSCTL_KIND);
    for (const { tag, offset, wrap } of tags) {
      if (mayHaveTags && wrap) wrap();
      else tagFault(tag, offset);
    }
    return mayHaveTags ? document.toJS({ maxAliasCount: 1_000 }) : value;
  } catch (thrown) {
    report.fault([], messageOf(thrown), 'fix the aliases there');
    return undefined;
  }
}

interface AccountInFile {
  readonly account: KnownAccount;
  readonly onStandIn: () => void;
}

function readDocument(value: unknown, report: FileReport, account: AccountInFile): FoundPart {
  if (value === undefined) return { bindings: [] };
  if (isOfKind(value, BINDINGS_KIND)) return { bindings: readPodroleBindings(value, report) };
  if (isOfKind(value, EKSCTL_KIND)) return readEksctlFile(value, report, account);
  const known = `${describeKind(BINDINGS_KIND)}, or ${describeKind(EKSCTL_KIND)}`;
  report.fault([], 'is of a kind that is not read here', `write ${known}`);
  return { bindings: [] };
}

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
}

function isOfKind(value: unknown, { apiVersion, kind }: Kind): boolean {
  const object = asObject(value);
  return object?.['apiVersion'] === apiVersion && object['kind'] === kind;
}

function describeKind({ apiVersion, kind }: Kind): string {
  return `apiVersion: ${apiVersion} and kind: ${kind}`;
}
