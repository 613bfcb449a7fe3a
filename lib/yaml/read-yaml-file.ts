import type { Document } from 'yaml';
import type { FaultCode } from '../errors/code.ts';
import { type Fault, messageOf, PodroleError, throwIfAny } from '../errors.ts';
import { placesIn } from '../text/place-in-text.ts';
import { writePlace } from '../text/write-place.ts';
import type { FieldPath, FileReport } from './fields.ts';
import { nameNullKeys } from './null-keys.ts';
import { createOffsetOf } from './offset-of.ts';
import { parseYamlDocuments } from './yaml-documents.ts';
import { yamlFault } from './yaml-fault.ts';

export interface YamlFile {
  readonly text: string;
  /** Name of the file, for messages. */
  readonly origin: string;
  /** Code of every fault. */
  readonly code: FaultCode;
  /** Content of such a file, for advice: `one RolePolicy`. */
  readonly content: string;
}

/** Narrows the value of a document, and reports what is wrong with it. */
type ReadDocument<T> = (value: unknown, report: FileReport, lineOf: (path: FieldPath) => number) => T;

/**
 * Reads a file with one YAML or JSON document.
 * @throws PodroleError with every fault, each with its line
 */
export function readYamlFile<T>(file: YamlFile, read: ReadDocument<T>): T {
  const { text, origin, code } = file;
  const faults: Fault[] = [];
  const placeOf = placesIn(text);
  const document = onlyDocument(file);
  const offsetOf = createOffsetOf(document);
  const lineOf = (path: FieldPath) => placeOf(offsetOf(path)).line;
  const place = (path: FieldPath) => `${origin}:${lineOf(path)} ${writePlace(path)}`.trim();
  const report: FileReport = {
    fault: (path, problem, remedy) => faults.push({ code, object: place(path), problem, remedy }),
    notice: () => undefined,
    place,
  };
  const result = read(plainData(document, file), report, lineOf);
  throwIfAny(faults);
  return result;
}

/** @throws PodroleError if there is not exactly one document, or it is not YAML */
function onlyDocument({ text, origin, code, content }: YamlFile): Document.Parsed {
  const invalid = (problem: string, remedy: string): Fault => ({ code, object: origin, problem, remedy });
  const documents = parseYamlDocuments(text, { merge: true });
  throwIfAny(
    documents.flatMap(({ errors, warnings }) => {
      // One mistake can cause errors in all that follows, so only the first is reported.
      const [first] = [...errors, ...warnings];
      if (!first) return [];
      const { problem, remedy } = yamlFault(first, placesIn(text));
      return [invalid(problem, remedy)];
    }),
  );
  const [document, second] = documents;
  if (!document) throw new PodroleError(invalid('holds nothing', `write ${content}`));
  if (second) throw new PodroleError(invalid('has more than one document', `write ${content}`));
  nameNullKeys(document);
  return document;
}

/** @throws PodroleError if aliases make the file much larger than its text */
function plainData(document: Document.Parsed, { origin, code }: YamlFile): unknown {
  try {
    return document.toJS({ maxAliasCount: 1_000 });
  } catch (thrown) {
    throw new PodroleError(
      { code, object: origin, problem: messageOf(thrown), remedy: 'fix the aliases there' },
      { cause: thrown },
    );
  }
}
