import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, trusted } from './html.ts';

for (const [name, insert, markup] of [
  ['text', 'a & b', 'a &amp; b'],
  ['markup in a name', '</script><b>', '&lt;/script&gt;&lt;b&gt;'],
  ['quotes of both kinds', `"'`, '&quot;&#39;'],
  ['an entity', '&lt;', '&amp;lt;'],
  ['a number', 0, '0'],
  ['nothing', undefined, ''],
  ['a mark that turns text around', '\u202egnp', '\\u202egnp'],
  ['lines', 'a\n  b\u0000', 'a b\\u0000'],
  ['a list', ['<', html`<i>`, [1]], '&lt;<i>1'],
  ['markup of a template', html`<b>${'<'}</b>`, '<b>&lt;</b>'],
  ['markup of a file', trusted('a > b'), 'a > b'],
] as const) {
  test(`a template inserts ${name}`, () => {
    assert.equal(html`[${insert}]`.markup, `[${markup}]`);
  });
}

test('an object that only looks like markup is not taken for it', () => {
  const parsed: unknown = JSON.parse('[["<b>", {"markup": "<b>"}]]');
  assert.throws(() => html`${parsed as string[]}`);
});

test('whatever is inserted, the template keeps its tags and attributes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { markup } = html`<a title="${text}">${text}</a>`;
      assert.match(markup, /^<a title="[^"<>]*">[^<>]*<\/a>$/);
    }),
  );
});
