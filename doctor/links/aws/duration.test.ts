import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  awsChain,
  type ChainChanges,
  chainPod,
  chainRole,
  DENIED,
} from '../../../testing/doctor/aws-chain.ts';
import { ABSENT, read } from '../../../testing/doctor/reading.ts';
import { duration } from './duration.ts';

const asks = (value: string, name = 'PODROLE_SESSION_DURATION') => ({
  cluster: { pod: read(chainPod([{ name, value }])) },
});
const asksOfOther = (value: string) => ({
  cluster: {
    pod: read(
      chainPod([
        { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/other' },
        { name: 'PODROLE_SESSION_DURATION', value },
      ]),
    ),
  },
});
const allows = (maxSessionDurationSeconds: number) => ({
  aws: { role: read(chainRole({ maxSessionDurationSeconds })) },
});

const CASES: readonly (readonly [name: string, changes: ChainChanges, state: string, code?: string])[] = [
  ['nothing is asked', {}, 'ok'],
  ['nothing is asked, the role is unread', { aws: { role: DENIED } }, 'ok'],
  ['an hour', asks('3600'), 'ok'],
  ['less than every role allows, the role is unread', { ...asks('900'), aws: { role: DENIED } }, 'ok'],
  ['exactly as much as the role allows', { ...asks('7200'), ...allows(7_200) }, 'ok'],
  ['a second more', { ...asks('7201'), ...allows(7_200) }, 'broken', 'DURATION_OVER_MAXIMUM'],
  [
    'more, by another name',
    { ...asks('10800', 'AWS_ROLE_DURATION_SECONDS') },
    'broken',
    'DURATION_OVER_MAXIMUM',
  ],
  ['more, the role is unread', { ...asks('10800'), aws: { role: DENIED } }, 'unknown'],
  ['less than STS gives', asks('899'), 'broken', 'DURATION_IMPOSSIBLE'],
  ['more than STS gives', asks('43201'), 'broken', 'DURATION_IMPOSSIBLE'],
  ['more, of another role', asksOfOther('10800'), 'ok'],
  ['not a number', asks('1h'), 'ok'],
  ['a role that does not exist', { aws: { role: ABSENT } }, 'unknown'],
  ['no role', { chain: { grant: undefined } }, 'unknown'],
];
for (const [name, changes, state, code] of CASES) {
  test(`${name}: ${code ?? state}`, () => {
    const [finding] = duration.judge(awsChain(changes));
    assert.deepEqual([finding.state, finding.code], [state, code]);
  });
}

test('the command raises the maximum of the role', () => {
  assert.deepEqual(duration.judge(awsChain(asks('10800')))[0].remedy?.commands, [
    'podrole bind -n shop web --role-name web --role-path /team/ --session-duration 10800 --approve',
  ]);
});
