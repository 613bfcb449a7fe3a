import { Document, visit } from 'yaml';

/** Strings that YAML 1.1 and 1.2, in any program, read as strings when they are not quoted. */
const PLAIN = /^[A-Za-z][\w./-]*$/;
/** Words of YAML 1.1 for booleans and null. */
const WORD = /^(?:y|yes|n|no|true|false|on|off|null)$/i;

/**
 * Returns a YAML document, with a comment before it. Every value that some program could read as something
 * else than a string is quoted: for kubectl, `on` is a boolean and `0o17` a number.
 * @param comment lines without `#`
 */
export function yamlText(value: unknown, comment: readonly string[] = []): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (key, node) => {
      if (typeof node.value === 'string' && !(isPlain(node.value) || key === 'key'))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return [...comment.map((line) => `# ${line}\n`), document.toString({ lineWidth: 0 })].join('');
}

/** Returns several documents as one file. */
export function yamlTexts(values: readonly unknown[], comment: readonly string[]): string {
  const texts = values.map((value) => yamlText(value));
  return [...comment.map((line) => `# ${line}\n`), texts.join('---\n')].join('');
}

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !WORD.test(text);
}
