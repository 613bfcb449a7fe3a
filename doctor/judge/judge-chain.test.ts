import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainFacts } from '../../testing/doctor/chain-facts.ts';
import { finding } from '../../testing/doctor/finding.ts';
import type { FindingState } from '../chain/finding.ts';
import type { Link } from '../chain/link.ts';
import type { LinkId } from '../link-ids.ts';
import { judgeChain } from './judge-chain.ts';

const FACTS = chainFacts();

/** A link with findings of these states: `pod<-webhook,token: broken warning`. */
function link(text: string): Link {
  const [head = '', states = ''] = text.split(': ');
  const [id, needs = ''] = head.split('<-') as [LinkId, string?];
  const [first, ...more] = states.split(' ').map((state) => finding(id, state as FindingState));
  assert.ok(first);
  return {
    id,
    title: id,
    needs: needs.split(',').filter(Boolean) as LinkId[],
    judge: () => [first, ...more],
  };
}

const CASES: readonly (readonly [what: string, links: readonly string[], judged: string])[] = [
  ['nothing', [], ''],
  ['healthy links', ['pod: ok', 'token<-pod: ok'], 'pod ok, token ok'],
  ['a broken link and one that needs it', ['pod: broken', 'token<-pod: ok'], 'pod broken, token skipped'],
  ['one that needs another', ['pod: broken', 'role: ok', 'token<-role: ok'], 'pod broken, role ok, token ok'],
  [
    'a skipped link and one that needs it',
    ['pod: broken', 'token<-pod: ok', 'exchange<-token: broken'],
    'pod broken, token skipped, exchange skipped',
  ],
  [
    'the second of two needs',
    ['pod: ok', 'role: broken', 'exchange<-pod,role: ok'],
    'pod ok, role broken, exchange skipped',
  ],
  ['a warning', ['pod: warning', 'token<-pod: ok'], 'pod warning, token ok'],
  ['what is unknown', ['pod: unknown', 'token<-pod: ok'], 'pod unknown, token ok'],
  [
    'several findings of one link',
    ['pod: warning broken', 'token<-pod: ok ok'],
    'pod warning, pod broken, token skipped',
  ],
  ['a need that is judged later', ['token<-pod: ok', 'pod: broken'], 'token ok, pod broken'],
];
for (const [what, links, judged] of CASES) {
  test(`judges ${what}`, () => {
    const findings = judgeChain(links.map(link), FACTS);
    assert.equal(findings.map(({ link, state }) => `${link} ${state}`).join(', '), judged);
  });
}

test('a skipped link names the link that it depends on, and is not judged', () => {
  const judge = () => assert.fail('it was judged');
  const [, skipped] = judgeChain(
    [link('role: broken'), { id: 'exchange', title: 'exchange', needs: ['role'], judge }],
    FACTS,
  );
  assert.equal(skipped?.found, 'not judged, because it depends on: role');
});
