import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HclExpression, hclBlock, hclValue, withReferences } from './hcl.ts';

/** `terraform console` evaluates each expression to the value. */
const VALUES: readonly (readonly [value: unknown, expected: string])[] = [
  ['plain', '"plain"'],
  [`${'$'}{var.x} $${'$'}{x} $ {x}`, `"$${'$'}{var.x} $$${'$'}{x} $ {x}"`],
  ['%{if} 100%', '"%%{if} 100%"'],
  ['"a" C:\\bin \\f \t\n', '"\\"a\\" C:\\\\bin \\\\f \\t\\n"'],
  ['\b\f\u0001', '"\\u0008\\u000c\\u0001"'],
  [['a', 1, true, null], '[\n  "a",\n  1,\n  true,\n  null,\n]'],
  [{ 'a:b': {}, c: [] }, '{\n  "a:b" = {}\n  c     = []\n}'],
  [{ for: 1, null: 2, 'a-b': 3, _c: 4 }, '{\n  "for"  = 1\n  "null" = 2\n  "a-b"  = 3\n  _c     = 4\n}'],
  [{ a: 1, long: [2], bb: 3 }, '{\n  a = 1\n  long = [\n    2,\n  ]\n  bb = 3\n}'],
  [
    { 'e\u0301': 1, '\u{1f468}\u200d\u{1f469}': 2, abc: 3 },
    '{\n  "e\u0301" = 1\n  "\u{1f468}\u200d\u{1f469}" = 2\n  abc = 3\n}',
  ],
  [{ hcl: 'file("/etc/passwd")' }, '{\n  hcl = "file(\\"/etc/passwd\\")"\n}'],
];

for (const [value, expected] of VALUES) {
  test(`as HCL: ${JSON.stringify(value)}`, () => assert.equal(hclValue(value), expected));
}

test('a block leaves out what is undefined and nests blocks', () => {
  const metadata = hclBlock('metadata', [], { name: 'web' });
  assert.equal(
    hclBlock('resource', ['kind', 'web'], { a: undefined, b: new HclExpression('kind.x.name') }, [metadata]),
    'resource "kind" "web" {\n  b = kind.x.name\n  metadata {\n    name = "web"\n  }\n}\n',
  );
});

const ROLES = new Map([
  ['arn:aws:iam::1:role/a', 'aws_iam_role.a.arn'],
  ['arn:aws:iam::1:role/b', 'aws_iam_role.b.arn'],
]);
const REFERENCES: readonly (readonly [text: string, expected: string])[] = [
  ['arn:aws:iam::1:role/a', 'aws_iam_role.a.arn'],
  ['arn:aws:iam::1:role/abc', '"arn:aws:iam::1:role/abc"'],
  ['x=arn:aws:iam::1:role/a', `"x=${'$'}{aws_iam_role.a.arn}"`],
  [
    'x=arn:aws:iam::1:role/a,y=arn:aws:iam::1:role/b,z=' + '$' + '{x}',
    `"x=${'$'}{aws_iam_role.a.arn},y=${'$'}{aws_iam_role.b.arn},z=$${'$'}{x}"`,
  ],
];
for (const [text, expected] of REFERENCES) {
  test(`with references: ${text}`, () =>
    assert.equal(hclValue(withReferences(text, ROLES, /([,=])/)), expected));
}
