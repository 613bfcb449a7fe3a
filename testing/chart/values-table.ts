import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';

/**
 * Renders the table of a chart's values from its values.yaml. The comment above a value describes it.
 * @throws an error that names a value without a comment
 */
export function valuesTable(valuesYaml: string): string {
  const { contents } = parseDocument(valuesYaml);
  if (!isMap(contents)) throw new Error('values.yaml is not a map');
  return ['| value | default | |', '|---|---|---|', ...rows(contents as YAMLMap, '')].join('\n');
}

function rows(map: YAMLMap, prefix: string): readonly string[] {
  return map.items.flatMap((pair, index) => {
    const path = `${prefix}${String(isScalar(pair.key) ? pair.key.value : pair.key)}`;
    // The parser keeps a comment above the first value of a map with the map.
    const comment = commentOf(pair) ?? (index === 0 && prefix !== '' ? map.commentBefore : undefined);
    const isGroup = isMap(pair.value) && pair.value.items.length > 0;
    if (comment == null && isGroup) return rows(pair.value as YAMLMap, `${path}.`);
    if (comment == null) throw new Error(`values.yaml has no comment above ${path}`);
    const value = JSON.stringify(
      isMap(pair.value) || !isScalar(pair.value) ? toJson(pair) : pair.value.value,
    );
    const nested = isGroup && path.endsWith('.settings') ? rows(pair.value as YAMLMap, `${path}.`) : [];
    const shown = nested.length > 0 ? '' : `\`${value}\``;
    return [`| \`${path}\` | ${shown} | ${sentence(comment)} |`, ...nested];
  });
}

function commentOf(pair: Pair): string | undefined {
  const comment = isScalar(pair.key) ? pair.key.commentBefore : undefined;
  return comment ?? undefined;
}

function toJson(pair: Pair): unknown {
  const { value } = pair;
  return value !== null &&
    typeof value === 'object' &&
    'toJSON' in value &&
    typeof value.toJSON === 'function'
    ? value.toJSON()
    : value;
}

function sentence(comment: string): string {
  const text = comment
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
  return text.replaceAll('|', '\\|');
}
