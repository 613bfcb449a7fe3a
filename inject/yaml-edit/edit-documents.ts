import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'yaml';
import { planEdits } from './plan-edits.ts';
import { styleOf } from './source-style.ts';
import { applyEdits, NotEditable, type TextEdit } from './text-edits.ts';

/** One document of a YAML source, as parsed and as plain data. */
export interface SourceDocument {
  readonly parsed: Document.Parsed;
  readonly value: unknown;
}

export interface DocumentEdit {
  readonly text: string;
  /** All documents of the text, in order. */
  readonly documents: readonly SourceDocument[];
  /** New value of each document; the value of the document itself if nothing changes. */
  readonly values: readonly unknown[];
  /**
   * Reads the values of an edited text, by the rules of the first reading.
   * @throws NotEditable if it cannot be read
   */
  readonly readAgain: (edited: string) => readonly unknown[];
}

/** A document whose layout does not allow a change in place. */
export class DocumentNotEditable extends Error {
  /** Index of the document. */
  readonly at: number;

  constructor(at: number, cause?: NotEditable) {
    super(cause?.message ?? 'the edited text has other values', { cause });
    this.at = at;
  }
}

/**
 * Returns the text with the new values written into it. Everything that does not change keeps its bytes:
 * comments, order, quotes, blank lines, line breaks. The result is read again and compared with the values
 * before it is returned.
 * @throws DocumentNotEditable if a change cannot be written into the text
 */
export function editDocuments({ text, documents, values, readAgain }: DocumentEdit): string {
  const edits: TextEdit[] = [];
  for (const [at, { parsed, value }] of documents.entries()) {
    if (values[at] === value) continue;
    inDocument(at, () => {
      planEdits({ source: text, style: styleOf(parsed, text), edits }, parsed, value, values[at]);
    });
  }
  if (edits.length === 0) return text;
  const { edited, result } = inDocument(0, () => {
    const written = applyEdits(text, edits);
    return { edited: written, result: readAgain(written) };
  });
  for (const at of documents.keys()) {
    const isAsWanted = result.length === documents.length && isDeepStrictEqual(result[at], values[at]);
    if (!isAsWanted) throw new DocumentNotEditable(at);
  }
  return edited;
}

function inDocument<T>(at: number, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    throw thrown instanceof NotEditable ? new DocumentNotEditable(at, thrown) : thrown;
  }
}
