import { isObjectName } from '../../lib/kubernetes-names.ts';
import type { Binding } from './binding.ts';

/** Name of a label or annotation, after its prefix, and value of a label. [k8s] "Labels and Selectors" */
const NAME = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
const NAME_RULE = 'at most 63 letters, digits and _.-, with a letter or digit at either end';
/** Of keys and values together, in bytes. [k8s] "Annotations" */
const ANNOTATIONS_MAX_BYTES = 256 * 1024;

/**
 * Returns the reasons why the API server would refuse the labels and annotations of a new ServiceAccount. It
 * is asked last, after all changes in IAM.
 */
export function metadataProblems({
  labels,
  annotations,
}: Pick<Binding, 'labels' | 'annotations'>): readonly string[] {
  const problems: string[] = [];
  for (const [key, value] of Object.entries(labels)) {
    const label = `the label ${JSON.stringify(key)}`;
    if (!isQualifiedName(key))
      problems.push(`has ${label}, which is not [PREFIX/]NAME; NAME has ${NAME_RULE}`);
    if (value !== '' && !NAME.test(value))
      problems.push(`has ${label} with a value that is not ${NAME_RULE}`);
  }
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
    if (!isQualifiedName(key.toLowerCase())) {
      problems.push(
        `has the annotation ${JSON.stringify(key)}, which is not [PREFIX/]NAME; NAME has ${NAME_RULE}`,
      );
    }
  }
  if (size > ANNOTATIONS_MAX_BYTES)
    problems.push(`has annotations of ${size} bytes, of at most ${ANNOTATIONS_MAX_BYTES}`);
  return problems;
}

function isQualifiedName(key: string): boolean {
  const at = key.indexOf('/');
  return (at < 0 || isObjectName(key.slice(0, at))) && NAME.test(key.slice(at + 1));
}
