import { PodroleError } from '../lib/errors.ts';
import { type Manifest, type ReadingOptions, readManifest } from './manifest.ts';
import { DocumentNotEditable, editDocuments } from './yaml-edit/edit-documents.ts';
import { NotEditable } from './yaml-edit/text-edits.ts';

/**
 * Returns the text of a manifest with the new values of its documents, and with all that did not change as it
 * was written.
 * @param values of each document; the value of the document itself if nothing changes
 * @param reading options with which the manifest was read
 * @throws PodroleError `NOT_EDITABLE` if a change cannot be written into the text
 */
export function editManifest(
  manifest: Manifest,
  values: readonly unknown[],
  reading: ReadingOptions = {},
): string {
  const { text, documents, hasByteOrderMark } = manifest;
  try {
    const readAgain = (edited: string) => readValues(edited, reading);
    const edited = editDocuments({ text, documents, values, readAgain });
    return (hasByteOrderMark ? '\uFEFF' : '') + edited;
  } catch (thrown) {
    if (!(thrown instanceof DocumentNotEditable)) throw thrown;
    throw notEditable(documents[thrown.at]?.origin ?? 'manifest', thrown);
  }
}

function readValues(edited: string, reading: ReadingOptions): readonly unknown[] {
  try {
    return readManifest(edited, 'the edited text', reading).documents.map(({ value }) => value);
  } catch (thrown) {
    throw thrown instanceof PodroleError ? new NotEditable(thrown.message, { cause: thrown }) : thrown;
  }
}

function notEditable(object: string, thrown: DocumentNotEditable): PodroleError {
  const reason = thrown.cause === undefined ? '' : ` (${thrown.message})`;
  return new PodroleError(
    {
      code: 'NOT_EDITABLE',
      object,
      problem: `is laid out in a way that cannot be changed in place${reason}`,
      remedy: 'lay out its pod in plain block style, or convert the file with: podrole inject -o json',
    },
    { cause: thrown },
  );
}
