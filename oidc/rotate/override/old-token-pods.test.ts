import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { connect } from '../../../kubernetes/connect.ts';
import { drain, listen } from '../../../lib/http/serve.ts';
import { describeOldTokenPods, mayHoldTokenOf } from './old-token-pods.ts';

const at = (hour: number) => Date.UTC(2026, 0, 1, hour);
const SWITCHED = at(12);
const AUDIENCE = 'sts.amazonaws.com';

function pod(name: string, hour: number, token: object | undefined, phase = 'Running') {
  const sources = token ? [{ serviceAccountToken: { path: 'token', ...token } }] : [];
  return {
    metadata: { namespace: 'shop', name, creationTimestamp: new Date(at(hour)).toISOString() },
    spec: {
      volumes: [
        { name: 'other', emptyDir: {} },
        { name: 'token', projected: { sources } },
      ],
    },
    status: { phase },
  };
}

const day = { audience: AUDIENCE, expirationSeconds: 86_400 };
const cases: readonly (readonly [what: string, pod: unknown, holds: boolean])[] = [
  ['from before the switch', pod('web', 11, day), true],
  ['from after it', pod('web', 13, day), false],
  ['that has ended', pod('web', 11, day, 'Succeeded'), false],
  ['whose token has expired since', pod('web', 11, { audience: AUDIENCE, expirationSeconds: 600 }), false],
  ['whose token has the default lifetime', pod('web', 11, { audience: AUDIENCE }), false],
  ['with a token for the API server alone', pod('web', 11, { expirationSeconds: 86_400 }), false],
  ['without a token', pod('web', 11, undefined), false],
  ['without anything', {}, false],
];
for (const [what, object, holds] of cases) {
  test(`two hours after the switch a pod ${what} ${holds ? 'has' : 'need not'} to restart`, () => {
    assert.equal(mayHoldTokenOf(object, SWITCHED, at(14)), holds);
  });
}

let answer: { status: number; body: unknown } = { status: 200, body: {} };
const server = createServer((_request, response) => {
  response.writeHead(answer.status).end(JSON.stringify(answer.body));
});
const kubeApi = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
const client = connect({ kubeconfig: undefined, kubeApi }, {});
after(() => drain(server, 0));
after(() => client.close());
const describe = () => describeOldTokenPods(client, SWITCHED, at(14), new AbortController().signal);

test('the pods are named, and those beyond twenty are counted', async () => {
  const items = Array.from({ length: 23 }, (_, index) => pod(`web-${index}`, 11, day));
  answer = { status: 200, body: { items: [...items, pod('new', 13, day)] } };
  const [line = ''] = await describe();
  assert.match(line, /^pods of this cluster that hold such a token: shop\/web-0, .*shop\/web-19 and 3 more$/);
  answer = { status: 200, body: { items: null } };
  assert.deepEqual(await describe(), ['no pod of this cluster holds such a token']);
});

test('a list that fails is reported and does not stop the step', async () => {
  answer = { status: 403, body: { message: 'pods is forbidden' } };
  const [line = ''] = await describe();
  assert.match(line, /could not list these pods: .*answered 403 \(pods is forbidden\)/);
});
