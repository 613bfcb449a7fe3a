import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByName, type Kept } from './by-name.ts';
import { WatchedStore } from './watched-store.ts';

const at = (resourceVersion: string, name = 'web'): Kept => ({ namespace: 'shop', name, resourceVersion });

function listOf(...objects: readonly Kept[]): ByName<Kept> {
  const all = new ByName<Kept>();
  for (const object of objects) all.set(object);
  return all;
}

function listed(resourceVersion: string, ...objects: readonly Kept[]): WatchedStore<Kept> {
  const store = new WatchedStore<Kept>();
  store.listBegins();
  store.replace(listOf(...objects), resourceVersion);
  return store;
}

const versionOf = (store: WatchedStore<Kept>, name = 'web') => store.get('shop', name)?.resourceVersion;

test('a live answer is judged by what the watch has brought', async (t) => {
  const cases: [
    name: string,
    known: Kept | undefined,
    upTo: string,
    live: string,
    expected: string | undefined,
    kept: string | undefined,
  ][] = [
    ['newer than the known object', at('90'), '95', '100', '100', '100'],
    ['older than the known object', at('100'), '100', '99', '100', '100'],
    ['the known object', at('100'), '100', '100', '100', '100'],
    ['unknown and newer than the watch', undefined, '99', '100', '100', '100'],
    ['unknown and passed by the watch: deleted since', undefined, '101', '100', undefined, undefined],
    ['not comparable', at('90'), '95', 'abc', 'abc', '90'],
  ];
  for (const [name, known, upTo, live, expected, kept] of cases) {
    await t.test(name, () => {
      const store = known ? listed(upTo, known) : listed(upTo);
      assert.equal(store.offer(at(live))?.resourceVersion, expected);
      assert.equal(versionOf(store), kept);
    });
  }
});

test('events of the watch do not undo a live answer that is newer than they are', () => {
  const store = listed('90', at('80'));
  store.offer(at('100'));
  store.put(at('95'));
  assert.equal(versionOf(store), '100');
  store.remove(at('97'));
  assert.equal(
    versionOf(store),
    '100',
    'deleted, created again, and read live before the watch reported either',
  );
  store.remove(at('101'));
  assert.equal(versionOf(store), undefined);
});

test('a new list replaces everything except newer live answers that came meanwhile', () => {
  const store = listed('90', at('80'), at('81', 'gone'));
  store.offer(at('95', 'before'));
  store.listBegins();
  store.offer(at('99', 'older'));
  store.offer(at('110', 'newer'));
  store.replace(listOf(at('80')), '100');
  assert.deepEqual([...store.values()].map(({ name }) => name).sort(), ['newer', 'web']);
  assert.equal(store.size, 2);
});

test('waiting for an object ends when it comes, or after the time', async () => {
  const store = listed('90');
  const waiting = store.waitFor('shop', 'web', 5_000);
  store.put(at('91', 'other'));
  store.put(at('92'));
  assert.equal((await waiting)?.resourceVersion, '92');
  const byList = store.waitFor('shop', 'late', 5_000);
  store.replace(listOf(at('99', 'late')), '100');
  assert.equal((await byList)?.resourceVersion, '99');
  assert.equal(await store.waitFor('shop', 'never', 1), undefined);
});

test('each object that is left out is counted, also after the list', () => {
  let leftOut = 0;
  const onLeftOut = () => {
    leftOut += 1;
  };
  const store = new WatchedStore<Kept>({ weigh: ({ name }) => name.length, maxBytes: 4, onLeftOut });
  for (const expected of [1, 2]) {
    store.listBegins();
    const all = store.empty();
    all.set(at('10', 'long'));
    store.replace(all, '20');
    assert.deepEqual([leftOut, store.leftOut], [expected, 1]);
  }
});

test('an object that does not fit is left out, is never out of date, and live answers count', () => {
  const store = new WatchedStore<Kept>({ weigh: ({ name }) => name.length, maxBytes: 40 });
  store.listBegins();
  const all = store.empty();
  for (const name of ['a', 'bb', 'ccc', 'dddd']) all.set(at('10', name));
  assert.deepEqual([all.size, all.leftOut], [4, 0], 'a namespace may take a quarter of the capacity');
  all.set(at('11', 'e'));
  all.set(at('12', 'a'));
  all.set({ ...at('13', 'ffff'), namespace: 'other' });
  assert.deepEqual([all.size, all.leftOut], [5, 1]);
  store.replace(all, '20');
  assert.equal(store.leftOut, 1);
  assert.equal(versionOf(store, 'e'), undefined);
  assert.equal(store.offer(at('11', 'e'))?.resourceVersion, '11', 'left out, not deleted');
  store.remove(at('21', 'dddd'));
  store.put(at('22', 'e'));
  assert.equal(versionOf(store, 'e'), '22', 'it fits now');
});

test('an object that grows beyond the capacity is forgotten', async () => {
  const capacity = { weigh: ({ resourceVersion = '' }: Kept) => resourceVersion.length, maxBytes: 12 };
  const store = new WatchedStore<Kept>(capacity);
  store.put(at('100'));
  assert.equal(versionOf(store), '100');
  const waiting = store.waitFor('shop', 'late', 5_000);
  store.put(at('1000'));
  assert.equal(versionOf(store), undefined);
  store.put(at('2000', 'late'));
  assert.equal((await waiting)?.resourceVersion, '2000', 'who waits gets what is not kept');
  store.remove(at('3000'));
  store.put(at('300', 'other'));
  assert.equal(versionOf(store, 'other'), '300', 'a removed object takes no capacity');
});
