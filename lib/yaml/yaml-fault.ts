import type { YAMLError } from 'yaml';
import type { PlaceInText } from '../text/place-in-text.ts';

const REMEDY: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  DUPLICATE_KEY: 'keep one of the two',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_ALIAS: 'define the anchor before its alias, in the same document',
};

/** Place that the library adds to a message, with the line of the text below it. */
const PLACE = / at line \d+, column \d+:?$/;

/**
 * Says what is wrong with a document that parseYamlDocuments could not read. Every command that reads YAML
 * says it by these words.
 */
export function yamlFault(
  { message, code, pos }: YAMLError,
  placeOf: (offset: number) => PlaceInText,
): { readonly problem: string; readonly remedy: string } {
  const { line, column } = placeOf(pos[0]);
  const first = (message.split('\n', 1)[0] ?? '').replace(PLACE, '');
  const reason = first.charAt(0).toLowerCase() + first.slice(1);
  return {
    problem: `is not valid YAML in line ${line}, column ${column}: ${reason}`,
    remedy: REMEDY[code] ?? 'fix the YAML there',
  };
}
