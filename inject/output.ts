import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { asArray, asObject, asText } from '../lib/json/json.ts';
import type { InjectedFile } from './inject-manifests.ts';

/** Joins all files to one stream of documents for `kubectl apply -f -`. A single file keeps every byte. */
export function joinDocuments(files: readonly InjectedFile[]): string {
  const [first, ...rest] = files.map(({ injected }) => injected);
  if (first === undefined) return '';
  if (rest.length === 0) return first;
  // kubectl reads a stream that begins with a brace as JSON as a whole.
  const begin = first.trimStart().startsWith('{') ? '---\n' : '';
  return rest.reduce((joined, text) => {
    const next = text.replace(/^\uFEFF/, '');
    return `${joined}${joined.endsWith('\n') ? '' : '\n'}${separatorBefore(next)}${next}`;
  }, begin + first);
}

/**
 * Returns the separator between two files: none if the second begins with one, `...` if it begins with
 * directives.
 */
function separatorBefore(text: string): string {
  const begin = text.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (begin.startsWith('%')) return '...\n';
  return /^---(?:\s|$)/.test(begin) ? '' : '---\n';
}

/** Renders all objects as one List in JSON. The items of Lists become its items. */
export function renderList(files: readonly InjectedFile[]): string {
  const items = files.flatMap(({ values }) => values.flatMap(itemsOf));
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`;
}

function itemsOf(value: unknown): readonly unknown[] {
  if (value === null) return [];
  const object = asObject(value);
  const isList = asText(object?.['kind']) === 'List' && object?.['apiVersion'] === 'v1';
  const items = isList ? asArray(object?.['items']) : undefined;
  return items ? items.flatMap(itemsOf) : [value];
}

/**
 * Renders the changes of all files as a unified diff with git's prefixes, for `git apply` and `patch -p1`;
 * may be empty. The library quotes unusual names as git does.
 */
export function renderDiff(files: readonly InjectedFile[]): string {
  return files
    .filter(({ text, injected }) => text !== injected)
    .map(({ name, text, injected }) => {
      const path = name.replace(/^\/+/, '');
      return createTwoFilesPatch(`a/${path}`, `b/${path}`, text, injected, undefined, undefined, {
        context: 3,
        headerOptions: FILE_HEADERS_ONLY,
      });
    })
    .join('');
}
