import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hclBlock, hclValue } from './hcl.ts';

/** `terraform console` evaluates each expression to the value. */
const VALUES: readonly (readonly [value: unknown, expected: string])[] = [
  ['plain', '"plain"'],
  [`${'$'}{var.x} $${'$'}{x} $ {x}`, `"$${'$'}{var.x} $$${'$'}{x} $ {x}"`],
  ['%{if} 100%', '"%%{if} 100%"'],
  ['"a" C:\\bin \\f \t\n', '"\\"a\\" C:\\\\bin \\\\f \\t\\n"'],
  ['\b\f\u0001', '"\\u0008\\u000c\\u0001"'],
  [['a', 1, true, null], '[\n  "a",\n  1,\n  true,\n  null,\n]'],
  [{ 'a:b': {}, c: [] }, '{\n  "a:b" = {}\n  "c" = []\n}'],
];

for (const [value, expected] of VALUES) {
  test(`as HCL: ${JSON.stringify(value)}`, () => assert.equal(hclValue(value), expected));
}

test('a block leaves out what is undefined and nests blocks', () => {
  const metadata = hclBlock('metadata', [], { name: 'web' });
  assert.equal(
    hclBlock('resource', ['kind', 'web'], { a: undefined, b: { hcl: 'kind.x.name' } }, [metadata]),
    'resource "kind" "web" {\n  b = kind.x.name\n  metadata {\n    name = "web"\n  }\n}\n',
  );
});
