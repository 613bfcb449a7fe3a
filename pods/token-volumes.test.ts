import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeTokenVolumes, tokenVolumesOf } from './token-volumes.ts';

const volume = (name: string, audience = 'sts') => ({
  name,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds: 600, path: 'token' } }] },
});
const RECORD = { parts: new Map(), foreignVolumes: new Set<string>(), containers: new Set<string>() };

test('volumes stay in their order, whatever the order in which they are wanted', () => {
  const present = [volume('aws-iam-token'), volume('aws-iam-token-b')];
  const held = tokenVolumesOf(present, RECORD, undefined);
  assert.equal(placeTokenVolumes(held, [...present].reverse(), {}), present);
  const other = volume('aws-iam-token-b', 'sts/b');
  const wanted = [volume('aws-iam-token-c'), other, volume('aws-iam-token')];
  assert.deepEqual(placeTokenVolumes(held, wanted, {}), [present[0], other, volume('aws-iam-token-c')]);
});
