import { type Document, isCollection, visit } from 'yaml';
import { type Fault, messageOf, throwIfAny } from '../lib/errors.ts';
import { type PlaceInText, placesIn } from '../lib/text/place-in-text.ts';
import { parseYamlDocuments } from '../lib/yaml/yaml-documents.ts';
import { yamlFault } from '../lib/yaml/yaml-fault.ts';
import { maskPassiveDocuments } from './passive-documents.ts';
import type { SourceDocument } from './yaml-edit/edit-documents.ts';
import { lineStart, nextLine } from './yaml-edit/text-edits.ts';
import { customTags, Verbatim } from './yaml-edit/verbatim.ts';

/** Options for reading YAML, and for reading it again to check an edit. */
const READING = {
  keepSourceTokens: true,
  merge: true,
  logLevel: 'silent',
  customTags,
} as const;
/** More uses of an alias than this count as an attack ("billion laughs"). */
const ALIASES_MAX = 1_000;

/** One document of a manifest file. */
export interface ManifestDocument extends SourceDocument {
  /**
   * Plain data; null for a document that is empty, holds only comments, or was passed over. Aliases are the
   * same object as their anchor.
   */
  readonly value: unknown;
  /** Its place, for a person: `web.yaml, document 2`. */
  readonly origin: string;
}

/** A file of YAML or JSON documents. */
export interface Manifest {
  /** Without the byte order mark, which the offsets of documents do not count. */
  readonly text: string;
  readonly hasByteOrderMark: boolean;
  readonly documents: readonly ManifestDocument[];
}

export interface ReadingOptions {
  /**
   * Parse every document. By default, those that hold neither pods nor ServiceAccounts are passed over: see
   * passive-documents.ts.
   */
  readonly whole?: boolean;
  /** Kinds that are not passed over. */
  readonly active?: ReadonlySet<string>;
}

/**
 * Reads YAML of one or several documents.
 * @param origin name of the YAML in faults: a path, or `stdin`
 * @throws PodroleError `INVALID_MANIFEST` with a fault for each error, naming document and line
 */
export function readManifest(
  textWithMark: string,
  origin: string,
  { whole = false, active }: ReadingOptions = {},
): Manifest {
  const hasByteOrderMark = textWithMark.startsWith('\uFEFF');
  const text = hasByteOrderMark ? textWithMark.slice(1) : textWithMark;
  const faults: Fault[] = [];
  const parsed = parseYamlDocuments(whole ? text : maskPassiveDocuments(text, active), READING);
  const placeOf = placesIn(text);
  const documents = parsed.map((document, index): ManifestDocument => {
    const name = parsed.length > 1 ? `${origin}, document ${index + 1}` : origin;
    const found = faultsOf(document, text, name, placeOf);
    faults.push(...found);
    return {
      parsed: document,
      value: found.length > 0 ? null : plainData(document, name, faults),
      origin: name,
    };
  });
  throwIfAny(faults);
  return { text, hasByteOrderMark, documents };
}

function faultsOf(
  document: Document.Parsed,
  text: string,
  origin: string,
  placeOf: (offset: number) => PlaceInText,
): Fault[] {
  // One mistake can cause errors in all that follows, so only the first is reported.
  const [error] = document.errors;
  if (error) {
    const { problem, remedy } = yamlFault(error, placeOf);
    const isTemplate = lineAt(text, error.pos[0]).includes('{{');
    return [invalid(origin, problem, isTemplate ? RENDER_FIRST : remedy)];
  }
  const template = unrenderedTemplate(document);
  return template === undefined
    ? []
    : [
        invalid(
          `${origin}, line ${placeOf(template).line}`,
          'is a template that was not rendered',
          RENDER_FIRST,
        ),
      ];
}

const RENDER_FIRST = 'render it first, as in: helm template chart | podrole inject -f -';

/** Returns the line at an offset. */
function lineAt(text: string, offset: number): string {
  return text.slice(lineStart(text, offset), nextLine(text, offset));
}

/**
 * Returns the offset of `{{ … }}`: it is read as a mapping whose key is a mapping, which no Kubernetes object
 * has.
 */
function unrenderedTemplate(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Pair: (_, { key }) => {
      if (!isCollection(key) || !key.range) return undefined;
      found = key.range[0];
      return visit.BREAK;
    },
  });
  return found;
}

function plainData(document: Document.Parsed, origin: string, faults: Fault[]): unknown {
  visit(document, {
    Scalar: (position, node) => {
      // Names of members are strings: `on: x` is the member that kubectl calls "true".
      if (position === 'key' && node.value instanceof Verbatim) node.value = String(node.value.toJSON());
    },
  });
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (thrown) {
    faults.push(invalid(origin, messageOf(thrown), 'fix its anchors and aliases'));
    return null;
  }
}

function invalid(object: string, problem: string, remedy: string): Fault {
  return { code: 'INVALID_MANIFEST', object, problem, remedy };
}
