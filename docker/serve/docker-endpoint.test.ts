import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { parseRoleArn } from '../../lib/arn.ts';
import { CONTAINER_HOST, CONTAINER_PATH } from '../../testing/agent/ask-agent.ts';
import { workloadFacts, workloadSession } from '../../testing/sidecar/workload.ts';
import { until } from '../../testing/until.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { RoleRules } from '../roles/choose-role.ts';
import { rememberChoices } from '../roles/remember-choices.ts';
import { openContainerEndpoints } from './container-endpoints.ts';
import { dockerEndpoint } from './docker-endpoint.ts';
import type { Refused } from './refusals.ts';

const WEB: HostContainer = {
  id: '0123456789abcdef'.repeat(4),
  name: 'web',
  image: 'shop/web',
  labels: new Map(),
  environment: new Map(),
  isRunning: true,
  pid: 1,
  networkMode: 'bridge',
  networkNamespace: '/var/run/docker/netns/1a2b',
  endpoints: [],
};

const REQUEST = { method: 'GET', url: CONTAINER_PATH, headers: CONTAINER_HOST };

function ruleFor(name: string): RoleRules['file'] {
  const role = parseRoleArn(`arn:aws:iam::111122223333:role/${name}`);
  assert.ok(role);
  const others = { service: undefined, image: undefined, sessionPolicy: undefined, line: 2 };
  return [{ container: 'web', role, ...others }];
}

/** Endpoint whose role file changes, and whose STS answers when it is let. */
function open(file: RoleRules['file']) {
  const rules = { current: file };
  const refused: Refused[] = [];
  const waiting: { readonly role: string; readonly answer: () => void }[] = [];
  const endpoint = dockerEndpoint({
    callers: { of: () => ({ kind: 'workload', workload: WEB }) },
    containers: { byId: () => WEB },
    chooseRole: rememberChoices(() => ({
      file: rules.current,
      allow: [],
      defaultRole: undefined,
      baseRoleArn: undefined,
    })),
    endpoints: openContainerEndpoints({
      sessionsOf: (_, { role }) => ({
        current: () =>
          new Promise((resolve) => {
            waiting.push({ role: role.name, answer: () => resolve(workloadSession) });
          }),
      }),
      host: workloadFacts,
      imdsv2: 'optional',
      tokens: { monotonicMs: () => 0, randomBytes: (length) => Buffer.alloc(length) },
    }),
    imdsv2: 'optional',
    isUnknownBlocked: true,
    log: { refused: () => {}, withoutRole: () => {}, unknown: () => {} },
    onRefused: (each) => refused.push(each),
  });
  const answerNext = async (role: string) => {
    await until(() => waiting.length > 0, 'a session is asked for');
    const next = waiting.shift();
    assert.equal(next?.role, role);
    return next;
  };
  return { rules, refused, answerNext, ask: () => endpoint(REQUEST, new Socket()) };
}

test('a role that the file takes away while its session is on its way is not given', async () => {
  const { rules, refused, answerNext, ask } = open(ruleFor('old'));
  const asked = ask();
  const old = await answerNext('old');
  rules.current = [];
  old?.answer();
  const { status, body } = await asked;
  assert.equal(status, 403);
  assert.match(body, /NO_ROLE/);
  assert.ok(!body.includes(workloadSession.secretAccessKey));
  assert.deepEqual(refused, ['without-role']);
});

test('a role that the file replaces meanwhile is replaced in the answer', async () => {
  const { rules, answerNext, ask } = open(ruleFor('old'));
  const asked = ask();
  const old = await answerNext('old');
  rules.current = ruleFor('next');
  old?.answer();
  (await answerNext('next'))?.answer();
  const { status, body } = await asked;
  assert.equal(status, 200);
  assert.match(body, /role\/next/);
});

test('a file that was written again with the same role changes nothing', async () => {
  const { rules, answerNext, ask } = open(ruleFor('same'));
  const asked = ask();
  const same = await answerNext('same');
  rules.current = ruleFor('same');
  same?.answer();
  assert.equal((await asked).status, 200);
});

test('a file that changes again and again ends in a refusal that asks to try later', async () => {
  const { rules, refused, answerNext, ask } = open(ruleFor('role-0'));
  const asked = ask();
  for (let at = 0; at < 3; at += 1) {
    const each = await answerNext(`role-${at}`);
    rules.current = ruleFor(`role-${at + 1}`);
    each?.answer();
  }
  assert.equal((await asked).status, 503);
  assert.deepEqual(refused, ['unclear']);
});
