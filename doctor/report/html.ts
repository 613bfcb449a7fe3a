import { printable } from '../../lib/text/printable.ts';

/** Markup that may stand in a page as it is. Only `html` and `trusted` make it. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** Insert of a template. A string is text, never markup. */
export type Insert = Html | string | number | undefined | readonly Insert[];

/**
 * Tag of templates that make markup. Every insert that is not markup itself is escaped, for text and for
 * values between quotes, and becomes one printable line: names and messages come from users.
 * @example
 * html`<li title="${name}">${name}</li>`
 */
export function html(strings: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  let markup = strings[0] ?? '';
  for (const [index, insert] of inserts.entries()) markup += markupOf(insert) + (strings[index + 1] ?? '');
  return new Html(markup);
}

/** Takes text of podrole's own files as markup: its script and its style. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function markupOf(insert: Insert): string {
  if (insert === undefined) return '';
  if (insert instanceof Html) return insert.markup;
  if (typeof insert === 'object') return insert.map(markupOf).join('');
  return escaped(printable(String(insert)).toWellFormed());
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
