import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertLinear } from '../../testing/cost/step-count.ts';
import {
  checkedPod,
  checkFacts,
  HOUR_MS,
  LISTED_AT_MS,
  proxyLog,
} from '../../testing/migrate/check-facts.ts';
import type { Asked, CheckFacts } from './facts.ts';
import { judgeCheck } from './judge-check.ts';

const asked: Asked = { credentialsMs: LISTED_AT_MS - 60_000 };
const asking = (...pods: readonly string[]) =>
  new Map(pods.map((pod): [string, Asked] => [`shop/${pod}`, asked]));
const moved = { identity: 'web identity' } as const;

interface World {
  readonly facts: CheckFacts;
  /** State of each workload, as `shop/web moved`. */
  readonly states: readonly string[];
  /** Need of the proxy and of each role, as `proxy yes`. */
  readonly needs: readonly string[];
}

const WORLDS: Readonly<Record<string, World>> = {
  'nothing at all': { facts: checkFacts([], { logs: [] }), states: [], needs: ['proxy no'] },
  'a pod asks': {
    facts: checkFacts([checkedPod('a')], { logs: [proxyLog({ askers: asking('a') })] }),
    states: ['shop/web old proxy'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'a pod moved': {
    facts: checkFacts([checkedPod('a', moved)]),
    states: ['shop/web moved'],
    needs: ['proxy no', 'shop-web no'],
  },
  'a pod moved, without its old annotation': {
    facts: checkFacts([checkedPod('a', { ...moved, role: undefined })]),
    states: ['shop/web moved'],
    needs: ['proxy no'],
  },
  'a pod with a token asks nevertheless': {
    facts: checkFacts([checkedPod('a', moved)], { logs: [proxyLog({ askers: asking('a') })] }),
    states: ['shop/web both'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'one of two pods has moved': {
    facts: checkFacts([checkedPod('a'), checkedPod('b', moved)], {
      logs: [proxyLog({ askers: asking('a') })],
    }),
    states: ['shop/web both'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'one of two pods has moved, and the other did not ask': {
    facts: checkFacts([checkedPod('a'), checkedPod('b', moved)]),
    states: ['shop/web waiting'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'nobody asks, and nothing has moved': {
    facts: checkFacts([checkedPod('a')]),
    states: ['shop/web waiting'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'the log is missing': {
    facts: checkFacts([checkedPod('a', moved)], { logs: [proxyLog({ fromMs: undefined, gap: 'gone' })] }),
    states: ['shop/web unknown'],
    needs: ['proxy unknown', 'shop-web unknown'],
  },
  'the log begins too late': {
    facts: checkFacts([checkedPod('a', moved)], {
      logs: [proxyLog({ fromMs: LISTED_AT_MS - HOUR_MS / 2, gap: 'rotated' })],
    }),
    states: ['shop/web unknown'],
    needs: ['proxy unknown', 'shop-web unknown'],
  },
  'the log begins before the pod': {
    facts: checkFacts([checkedPod('a', { ...moved, startedMs: LISTED_AT_MS - 60_000 })], {
      logs: [proxyLog({ fromMs: LISTED_AT_MS - HOUR_MS / 2, gap: 'rotated' })],
    }),
    states: ['shop/web moved'],
    needs: ['proxy unknown', 'shop-web unknown'],
  },
  'the log has a gap, and the pod asks': {
    facts: checkFacts([checkedPod('a')], {
      logs: [proxyLog({ fromMs: undefined, gap: 'level', askers: asking('a') })],
    }),
    states: ['shop/web old proxy'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'a node without a proxy': {
    facts: checkFacts([checkedPod('a', { ...moved, node: 'node-2' })]),
    states: ['shop/web moved'],
    needs: ['proxy no', 'shop-web no'],
  },
  'a node whose proxy may have been overlooked': {
    facts: checkFacts([checkedPod('a', { ...moved, node: 'node-2' })], { hasAllProxies: false }),
    states: ['shop/web unknown'],
    needs: ['proxy unknown', 'shop-web unknown'],
  },
  'a pod that is not on a node yet': {
    facts: checkFacts([checkedPod('a', { node: undefined, startedMs: undefined })]),
    states: ['shop/web waiting'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'a pod without an annotation gets the default role': {
    facts: checkFacts([checkedPod('a', { role: undefined })], { logs: [proxyLog({ askers: asking('a') })] }),
    states: ['shop/web old proxy'],
    needs: ['proxy yes'],
  },
  'a pod without anything': {
    facts: checkFacts([checkedPod('a', { role: undefined })]),
    states: [],
    needs: ['proxy no'],
  },
  'a pod is refused, and has no role anyway': {
    facts: checkFacts([checkedPod('a', { role: undefined })], {
      logs: [proxyLog({ askers: new Map([['shop/a', { refusedMs: LISTED_AT_MS }]]) })],
    }),
    states: [],
    needs: ['proxy no'],
  },
  'a pod that moved asks for its region': {
    facts: checkFacts([checkedPod('a', moved)], {
      logs: [proxyLog({ askers: new Map([['shop/a', { metadataMs: LISTED_AT_MS }]]) })],
    }),
    states: ['shop/web moved'],
    needs: ['proxy no', 'shop-web no'],
  },
  'a pod of a CronJob asked, and ended': {
    facts: checkFacts([checkedPod('a', { isAlive: false, workload: { kind: 'CronJob', name: 'report' } })], {
      logs: [proxyLog({ askers: asking('a') })],
    }),
    states: ['shop/report old proxy'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'a pod ended, and did not ask': {
    facts: checkFacts([checkedPod('a', { isAlive: false })]),
    states: [],
    needs: ['proxy no'],
  },
  'the node itself got a role, and a pod is in its network': {
    facts: checkFacts([checkedPod('a', { ...moved, isHostNetwork: true })], {
      logs: [proxyLog({ nodeAsked: asked })],
    }),
    states: ['shop/web unknown'],
    needs: ['proxy yes', 'shop-web unknown'],
  },
  'the node asked for metadata alone': {
    facts: checkFacts([checkedPod('a', { ...moved, isHostNetwork: true })], {
      logs: [proxyLog({ nodeAsked: { metadataMs: LISTED_AT_MS } })],
    }),
    states: ['shop/web moved'],
    needs: ['proxy no', 'shop-web no'],
  },
  'somebody who is gone asked for the role by its ARN': {
    facts: checkFacts([checkedPod('a', moved)], {
      logs: [proxyLog({ unknown: { ...asked, roles: ['arn:aws:iam::111122223333:role/x/shop-web'] } })],
    }),
    states: ['shop/web moved'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'somebody who is gone asked for another role': {
    facts: checkFacts([checkedPod('a', moved)], {
      logs: [proxyLog({ unknown: { ...asked, roles: ['other'] } })],
    }),
    states: ['shop/web moved'],
    needs: ['proxy yes', 'other yes', 'shop-web no'],
  },
  'somebody asked for more roles than are kept': {
    facts: checkFacts([checkedPod('a', moved)], {
      logs: [proxyLog({ unknown: { ...asked, roles: [''] } })],
    }),
    states: ['shop/web moved'],
    needs: ['proxy yes', 'shop-web unknown'],
  },
  'only one namespace is shown, and another one asks': {
    facts: checkFacts(
      [
        checkedPod('a', moved),
        checkedPod('b', { namespace: 'other', workload: { kind: 'StatefulSet', name: 'db' } }),
      ],
      { namespace: 'shop' },
    ),
    states: ['shop/web moved'],
    needs: ['proxy yes', 'shop-web yes'],
  },
  'something else was not read': {
    facts: checkFacts([checkedPod('a', moved)], { unread: ['pods: denied'] }),
    states: ['shop/web moved'],
    needs: ['proxy unknown', 'shop-web unknown'],
  },
};

for (const [name, { facts, states, needs }] of Object.entries(WORLDS)) {
  test(`judged: ${name}`, () => {
    const check = judgeCheck(facts);
    assert.deepEqual(
      check.workloads.map((each) => `${each.namespace}/${each.name} ${each.state}`),
      states,
    );
    assert.deepEqual(
      [`proxy ${check.proxy.isNeeded}`, ...check.roles.map((each) => `${each.role} ${each.isNeeded}`)],
      needs,
    );
  });
}

test('the percentage is rounded down, and 100 only if all have moved', () => {
  const pods = Array.from({ length: 200 }, (_, at) =>
    checkedPod(`p${at}`, { workload: { kind: 'Deployment', name: `d${at}` }, ...(at > 0 && moved) }),
  );
  assert.equal(judgeCheck(checkFacts(pods)).percentMoved, 99);
  assert.equal(judgeCheck(checkFacts(pods.slice(1))).percentMoved, 100);
});

test('notes say why a pod with a token may ask', () => {
  const facts = checkFacts([checkedPod('a', moved)], { logs: [proxyLog({ askers: asking('a') })] });
  const [workload] = judgeCheck(facts).workloads;
  assert.match(workload?.notes.join() ?? '', /SDK may be too old.*--probe/);
  assert.equal(workload?.lastAsked, '2026-11-30T01:59:00.000Z');
});

test('a check is linear work', async () => {
  await assertLinear(
    (size) => {
      const pods = Array.from({ length: size }, (_, at) =>
        checkedPod(`p${at}`, {
          node: `n${at % 50}`,
          workload: { kind: 'Deployment', name: `d${at % 100}` },
          role: `r${at}`,
        }),
      );
      const logs = Array.from({ length: 50 }, (_, at) =>
        proxyLog({
          node: `n${at}`,
          askers: asking(...pods.filter((_, n) => n % 50 === at).map((p) => p.name)),
        }),
      );
      const facts = checkFacts(pods, { logs });
      return () => judgeCheck(facts);
    },
    { size: 1_000 },
  );
});
