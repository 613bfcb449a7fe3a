import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PodroleError } from '../../lib/errors.ts';
import { checkVariables } from './check-variables.ts';

function remediesFor(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    checkVariables(env);
    return [];
  } catch (thrown) {
    assert.ok(thrown instanceof PodroleError);
    return thrown.faults.map(({ object, remedy }) => `${object}: ${remedy}`);
  }
}

const known = [
  ['a setting of any command', { PODROLE_TO: 's3://b', PODROLE_APPROVE: 'true' }],
  ['what the webhook sets in pods', { PODROLE_POD_UID: '1', PODROLE_TOPOLOGY_ZONE: '' }],
  ['variables of others', { PODROL: '', XPODROLE_X: '', podrole_x: '', AWS_REGION: '' }],
  [
    'what Kubernetes sets beside Services podrole and podrole-webhook',
    {
      PODROLE_PORT: 'tcp://10.0.0.1:443',
      PODROLE_SERVICE_HOST: '10.0.0.1',
      PODROLE_SERVICE_PORT: '443',
      PODROLE_SERVICE_PORT_HTTPS: '443',
      PODROLE_PORT_443_TCP: 'tcp://10.0.0.1:443',
      PODROLE_PORT_443_TCP_ADDR: '10.0.0.1',
      PODROLE_WEBHOOK_PORT: 'tcp://10.0.0.1:443',
      PODROLE_WEBHOOK_SERVICE_HOST: '10.0.0.1',
      PODROLE_WEBHOOK_PORT_53_UDP_PROTO: 'udp',
    },
  ],
] as const;
for (const [what, env] of known) test(`${what} is accepted`, () => assert.deepEqual(remediesFor(env), []));

const unknown = [
  ['PODROLE_APROVE', 'unset it, or set PODROLE_APPROVE'],
  ['PODROLE_TOKEN_AUDIANCE', 'unset it, or set PODROLE_TOKEN_AUDIENCE'],
  ['PODROLE_METRIC_PORT', 'unset it, or set PODROLE_METRICS_PORT'],
  ['PODROLE_', 'unset it; docs/settings.md lists all'],
  ['PODROLE_HUH', 'unset it; docs/settings.md lists all'],
  ['PODROLE_VERSION', 'unset it; docs/settings.md lists all'],
  ['PODROLE_ISUER', 'unset it, or set PODROLE_ISSUER'],
  ['PODROLE_WHAT_IS_THIS', 'unset it; docs/settings.md lists all'],
] as const;
for (const [name, remedy] of unknown) {
  test(`${name} is refused, and its value is not repeated`, () => {
    assert.deepEqual(remediesFor({ [name]: 'secret' }), [`${name}: ${remedy}`]);
  });
}

test('all unknown variables are named at once, and a long name is cut', () => {
  const long = `PODROLE_${'X'.repeat(100_000)}`;
  const remedies = remediesFor({ PODROLE_A_B: '1', [long]: '', PODROLE_C_D: '2' });
  assert.equal(remedies.length, 3);
  assert.ok(remedies.every((line) => line.length < 200));
});
