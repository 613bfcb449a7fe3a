import { type Document, isScalar, visit } from 'yaml';

/**
 * Turns each key that YAML reads as null into the string that is written there. Else the library makes it an
 * empty string, and `Null: {aws:SourceVpc: false}`, a condition operator of IAM, would lose its name.
 * @param document of parseYamlDocuments, which limits its depth
 */
export function nameNullKeys(document: Document): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === null && key.source) key.value = key.source;
    },
  });
}
