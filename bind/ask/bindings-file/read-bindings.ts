import { type Document, isMap, isScalar, isSeq, LineCounter } from 'yaml';
import { type Fault, messageOf, throwIfAny } from '../../../lib/errors.ts';
import { asObject } from '../../../lib/json/json.ts';
import { parseYamlDocuments } from '../../../lib/yaml-documents.ts';
import { ownerId } from '../../names.ts';
import type { Binding } from '../binding.ts';
import { EKSCTL_KIND, readEksctlServiceAccounts } from './eksctl-service-accounts.ts';
import type { FieldPath, FileReport } from './fields.ts';
import { BINDINGS_KIND, type FoundBinding, readPodroleBindings } from './podrole-bindings.ts';

/**
 * Returns the bindings in YAML or JSON with one or several documents, each of podrole's kind Bindings or of
 * eksctl's ClusterConfig. Only the shape is checked here: check-binding.ts checks the values, which may also
 * come from flags.
 * @param fileName name of the text in faults
 * @param notice takes a line, for a person, about a part that is not read
 * @throws PodroleError `INVALID_BINDINGS_FILE` with every fault, each with its line
 */
export function readBindings(
  text: string,
  fileName: string,
  notice: (line: string) => void,
): readonly Binding[] {
  const faults: Fault[] = [];
  const lines = new LineCounter();
  const documents = parseYamlDocuments(text, { lineCounter: lines, merge: true });
  const add = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_BINDINGS_FILE', object, problem, remedy });
  const firstLines = new Map<string, number>();
  const bindings = documents.flatMap((document) => {
    for (const { message, pos } of document.errors) {
      const problem = message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not YAML';
      add(`${fileName}:${lines.linePos(pos[0]).line}`, problem, 'fix the YAML there');
    }
    if (document.errors.length > 0 || isEmpty(document)) return [];
    const lineOf = (path: FieldPath) => lines.linePos(offsetOf(document, path)).line;
    const describe = (path: FieldPath) => `${fileName}:${lineOf(path)} ${describePath(path)}`.trim();
    const report: FileReport = {
      fault: (path, problem, remedy) => add(describe(path), problem, remedy),
      notice: (path, line) => notice(`${describe(path)}: ${line}`),
    };
    const found = readDocument(plainData(document, report), report);
    for (const { path, binding } of found) {
      const id = ownerId(binding);
      const first = firstLines.get(id);
      if (first === undefined) firstLines.set(id, lineOf(path));
      else report.fault(path, `binds ${id}, which line ${first} does already`, 'leave one of them');
    }
    return found.map(({ binding }) => binding);
  });
  if (documents.every(isEmpty)) {
    add(fileName, 'holds nothing', `begin with ${describeKind(BINDINGS_KIND)}`);
  }
  throwIfAny(faults);
  return bindings;
}

/** True for the empty document after a last `---`, and for one that holds only comments. */
function isEmpty({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

function plainData(document: Document, report: FileReport): unknown {
  try {
    return document.toJS({ maxAliasCount: 1_000 });
  } catch (thrown) {
    report.fault([], messageOf(thrown), 'fix the aliases there');
    return undefined;
  }
}

function readDocument(value: unknown, report: FileReport): readonly FoundBinding[] {
  if (value === undefined) return [];
  const { apiVersion, kind } = asObject(value) ?? {};
  if (kind === BINDINGS_KIND.kind && apiVersion === BINDINGS_KIND.apiVersion) {
    return readPodroleBindings(value, report);
  }
  if (kind === EKSCTL_KIND.kind && apiVersion === EKSCTL_KIND.apiVersion) {
    return readEksctlServiceAccounts(value, report);
  }
  const known = `${describeKind(BINDINGS_KIND)}, or ${describeKind(EKSCTL_KIND)}`;
  report.fault([], 'is of a kind that is not read here', `write ${known}`);
  return [];
}

function describeKind({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  return `apiVersion: ${apiVersion} and kind: ${kind}`;
}

/** `bindings[0].tags.team`. */
function describePath(path: FieldPath): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

/** Returns the offset of a field, or of the longest part of its path that is in the text. */
function offsetOf({ contents }: Document, path: FieldPath): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (!pair || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      if (isMap(node) || isSeq(node) || isScalar(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
