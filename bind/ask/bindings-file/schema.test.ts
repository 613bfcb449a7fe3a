import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../../lib/errors.ts';
import { asArray, asObject, type JsonObject } from '../../../lib/json/json.ts';
import { wellKnownPolicyNames } from '../../well-known/well-known-policy.ts';
import { bindingFields, bindingsFileFields } from './podrole-bindings.ts';
import { readBindings } from './read-bindings.ts';
import { bindingsSchema } from './schema.ts';

/** The schema and the parser must agree: both are walked. */
const definitions = member(bindingsSchema, '$defs');
const binding = member(definitions, 'binding');
const properties = member(binding, 'properties');
/** The one field whose example is not read as it is written. */
const READ_AS: JsonObject = {
  conditions: [{ operator: 'StringEquals', key: 'aws:SourceVpc', values: ['vpc-1', 'vpc-2'] }],
};
const REQUIRED = { namespace: 'shop', serviceAccount: 'web' };

test('schema and parser know the same fields', () => {
  assert.deepEqual(Object.keys(properties).sort(), Object.keys(bindingFields).sort());
  const root = Object.keys(member(bindingsSchema, 'properties'));
  assert.deepEqual(root.sort(), Object.keys(bindingsFileFields).sort());
  const items = member(member(properties, 'wellKnown'), 'items');
  assert.deepEqual(items['enum'], wellKnownPolicyNames);
});

for (const [name, described] of Object.entries(properties)) {
  const property = asObject(described) ?? {};

  test(`${name}: each example is read`, () => {
    const examples = asArray(property['examples']) ?? [];
    assert.ok(property['description'] && examples.length > 0);
    for (const example of examples) {
      const [read] = accepted({ ...REQUIRED, [name]: example });
      assert.deepEqual(asObject(read)?.[name], READ_AS[name] ?? example);
    }
  });

  test(`${name}: what is of another type is refused`, () => {
    const type = property['type'] ?? member(definitions, 'texts')['type'];
    const values = { string: 'a', integer: 3_600, boolean: true, array: ['a'], object: { a: 'a' } };
    for (const [other, value] of Object.entries(values)) if (other !== type) refused({ [name]: value });
    const { minimum, maximum } = property;
    if (minimum !== undefined) refused({ [name]: Number(minimum) - 1 });
    if (maximum !== undefined) refused({ [name]: Number(maximum) + 1 });
    if (type === 'string') refused({ [name]: '' });
    if (type === 'object') refused({ [name]: { a: 1 } });
    if (type === 'array') refused({ [name]: [7] });
  });
}

test('what the schema requires is required', () => {
  for (const name of asArray(binding['required']) ?? []) refused({ [String(name)]: undefined });
  for (const part of [{ name: 'a' }, { document: { Statement: [] } }, { name: 'a', document: {} }]) {
    refused({ inlinePolicies: [part] });
  }
});

function accepted(given: JsonObject) {
  const file = { apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings: [given] };
  return readBindings(JSON.stringify(file), 'f.json', assert.fail).bindings;
}

function refused(given: JsonObject): void {
  assert.throws(() => accepted({ ...REQUIRED, ...given }), PodroleError, JSON.stringify(given));
}

function member(object: JsonObject, name: string): JsonObject {
  return asObject(object[name]) ?? assert.fail(`the schema has no ${name}`);
}
