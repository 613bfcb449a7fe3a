import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions } from './sessions.ts';

const ROLE = {
  arn: 'arn:aws:iam::111122223333:role/web',
  partition: 'aws',
  region: '',
  account: '111122223333',
  path: '/',
  name: 'web',
};

test('the store stays within its size: expired sessions go first, then the oldest', () => {
  let now = new Date(0);
  const sessions = createSessions(() => now, 3);
  const long = sessions.issue({ role: ROLE, sessionName: 'long', durationSeconds: 3_600 });
  const short = sessions.issue({ role: ROLE, sessionName: 'short', durationSeconds: 900 });
  const other = sessions.issue({ role: ROLE, sessionName: 'other', durationSeconds: 3_600 });
  now = new Date(900_000);
  const fourth = sessions.issue({ role: ROLE, sessionName: 'fourth', durationSeconds: 3_600 });
  assert.equal(sessions.find(short.accessKeyId), undefined);
  assert.equal(sessions.find(long.accessKeyId), long);
  const fifth = sessions.issue({ role: ROLE, sessionName: 'fifth', durationSeconds: 3_600 });
  assert.equal(sessions.find(long.accessKeyId), undefined);
  for (const kept of [other, fourth, fifth]) assert.equal(sessions.find(kept.accessKeyId), kept);
});

test('each role has its own unique id', () => {
  const sessions = createSessions(() => new Date());
  const id = (name: string, session: string) =>
    sessions
      .issue({ role: { ...ROLE, name }, sessionName: session, durationSeconds: 900 })
      .assumedRoleId.split(':')[0];
  assert.equal(id('web', 'a'), id('web', 'b'));
  assert.notEqual(id('web', 'a'), id('db', 'a'));
});
