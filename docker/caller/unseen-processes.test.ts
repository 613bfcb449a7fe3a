import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostContainer } from '../../testing/docker/role-choices.ts';
import { unseenProcesses } from './unseen-processes.ts';

const containers = Array.from({ length: 100 }, (_, index) => hostContainer({ name: `web-${index}` }));

test('without containers nothing is known', () => {
  assert.deepEqual(unseenProcesses([], { interfacesOf: () => undefined }), []);
});

test('if no process can be seen, the reason names the flag, after a few looks', () => {
  let looks = 0;
  const interfacesOf = () => {
    looks += 1;
    return undefined;
  };
  assert.match(unseenProcesses(containers, { interfacesOf }).join(), /--pid host/);
  assert.equal(looks, 4);
});

test('one process that is seen is enough: another one may just have ended', () => {
  const interfacesOf = ({ id }: { readonly id: string }) => (id === containers[1]?.id ? [1, 2] : undefined);
  const [first, second] = containers;
  assert.ok(first && second);
  assert.deepEqual(unseenProcesses([{ ...first, id: 'another' }, second], { interfacesOf }), []);
});
