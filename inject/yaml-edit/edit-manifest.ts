import { isDeepStrictEqual } from 'node:util';
import { messageOf, PodroleError } from '../../lib/errors.ts';
import { isJson, type Manifest, type ManifestDocument, readManifest } from '../manifest.ts';
import { planEdits } from './plan-edits.ts';
import { styleOf } from './source-style.ts';
import { applyEdits, NotEditable, type TextEdit } from './text-edits.ts';

/**
 * The text of a manifest whose documents say what they shall. What does not change stays as it is written, to the byte: comments,
 * order, quotes, blank lines, line breaks. The result is read again and compared before it is given out.
 * @param values what each document shall say; the value of the document itself where nothing changes
 * @throws PodroleError `NOT_EDITABLE` where a change can't be written into the text
 */
export function editManifest(manifest: Manifest, values: readonly unknown[]): string {
  const { text, documents, hasByteOrderMark } = manifest;
  const edits: TextEdit[] = [];
  for (const [at, document] of documents.entries()) {
    if (values[at] === document.value) continue;
    const style = styleOf(document.parsed, text, isJson(document));
    try {
      planEdits({ source: text, style, edits }, document.parsed, document.value, values[at]);
    } catch (thrown) {
      if (!(thrown instanceof NotEditable)) throw thrown;
      throw notEditable(document, thrown);
    }
  }
  const edited = edits.length === 0 ? text : applyAndCheck(manifest, edits, values);
  return (hasByteOrderMark ? '\uFEFF' : '') + edited;
}

function applyAndCheck(
  { text, documents }: Manifest,
  edits: readonly TextEdit[],
  values: readonly unknown[],
): string {
  let edited = '';
  let result: readonly ManifestDocument[];
  try {
    edited = applyEdits(text, edits);
    result = readManifest(edited, 'the edited text').documents;
  } catch (thrown) {
    if (!(thrown instanceof NotEditable || thrown instanceof PodroleError)) throw thrown;
    throw notEditable(documents[0], thrown);
  }
  for (const [at, document] of documents.entries()) {
    const isAsWanted = result.length === documents.length && isDeepStrictEqual(result[at]?.value, values[at]);
    if (!isAsWanted) throw notEditable(document);
  }
  return edited;
}

function notEditable(document: ManifestDocument | undefined, cause?: unknown): PodroleError {
  return new PodroleError(
    {
      code: 'NOT_EDITABLE',
      object: document?.origin ?? 'manifest',
      problem: `is laid out in a way that can't be changed in place${cause === undefined ? '' : ` (${messageOf(cause)})`}`,
      remedy: 'lay out its pod in plain block style, or convert the file with: podrole inject -o json',
    },
    { cause },
  );
}
