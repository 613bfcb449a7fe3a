import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../../lib/errors.ts';
import { bindingsOfFiles } from './read-files.ts';

const SETTINGS = {
  filename: ['a.json'],
  recursive: false,
  namespace: 'ops',
  accountId: undefined,
  partition: undefined,
};

test('however many entries of a file are of other namespaces, one error says so', () => {
  const bindings = Array.from({ length: 500 }, (_, at) => ({
    namespace: at === 0 ? 'ops' : 'shop',
    serviceAccount: `web-${at}`,
  }));
  const text = JSON.stringify({ apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings', bindings });
  const read = () =>
    bindingsOfFiles({ files: [{ name: 'a.json', text }], faults: [] }, SETTINGS, assert.fail);
  assert.throws(read, (thrown: unknown) => {
    assert(thrown instanceof PodroleError);
    assert.deepEqual(
      thrown.faults.map(({ problem }) => problem),
      ['is ops, and a file names shop/web-1 and 498 more of other namespaces'],
    );
    return true;
  });
});
