import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IAMClient } from '@aws-sdk/client-iam';
import { iamRefusal, iamResult, startIamServer } from '../../testing/aws/iam-server.ts';
import { sendKnownPrincipals } from './send-known-principals.ts';

const CALL = {
  service: 'iam',
  operation: 'UpdateAssumeRolePolicy',
  input: { RoleName: 'reports', PolicyDocument: '{}' },
} as const;
const UNKNOWN = 'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/shop-web"';

/** Returns how often a call was made, and slept, against an IAM that refuses it some times. */
async function attempts(refusals: number, code: string, message: string, isAborted = false) {
  const server = await startIamServer(() =>
    server.calls.length <= refusals
      ? iamRefusal(400, code, message)
      : iamResult('UpdateAssumeRolePolicy', ''),
  );
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
  const iam = new IAMClient({ region: 'eu-central-1', endpoint: server.url, credentials });
  const waits: number[] = [];
  try {
    const sent = sendKnownPrincipals(iam, CALL, new AbortController().signal, async (ms) => {
      waits.push(ms);
      if (isAborted) throw new Error('aborted');
    });
    const outcome = await sent.then(
      () => 'sent',
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : ''),
    );
    return { calls: server.calls.length, waits: waits.length, outcome };
  } finally {
    iam.destroy();
    await server.stop();
  }
}

test('a principal that IAM does not know yet is named again, for a bounded time', async () => {
  const code = 'MalformedPolicyDocument';
  assert.deepEqual(await attempts(0, code, UNKNOWN), { calls: 1, waits: 0, outcome: 'sent' });
  assert.deepEqual(await attempts(2, code, UNKNOWN), { calls: 3, waits: 2, outcome: 'sent' });
  assert.deepEqual(await attempts(99, code, UNKNOWN), { calls: 6, waits: 5, outcome: UNKNOWN });
  assert.deepEqual(await attempts(99, code, UNKNOWN, true), { calls: 1, waits: 1, outcome: UNKNOWN });
});

test('another refusal is final', async () => {
  const said = 'Syntax errors in policy.';
  assert.deepEqual(await attempts(1, 'MalformedPolicyDocument', said), { calls: 1, waits: 0, outcome: said });
});
