import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import { decideEndpoints } from './decide-endpoints.ts';

const NONE = { stsEndpointUrl: '', s3EndpointUrl: '', caBundleConfigMap: '' };

test('an annotation overrides the setting, and an empty one turns it off', () => {
  const settings = { ...NONE, stsEndpointUrl: 'https://sts.example.com' };
  for (const [annotation, expected] of [
    [undefined, 'https://sts.example.com'],
    ['http://own.example.com', 'http://own.example.com'],
    ['', undefined],
    ['own.example.com', 'https://sts.example.com'],
  ] as const) {
    const annotations = annotation === undefined ? {} : { [PODROLE_ANNOTATION.stsEndpointUrl]: annotation };
    const { endpoints } = decideEndpoints({ object: 'ServiceAccount a/b', annotations, settings });
    assert.equal(endpoints.stsEndpointUrl, expected, annotation);
  }
});

test('a warning repeats no password, wherever the malformed URL has it', () => {
  for (const url of [
    'https://user:s3cr3t@sts.example.com',
    'https://s3cr3t@sts.example.com',
    'https://user:s3/cr3t/s3cr3t@sts.example.com',
    'https://user:a@s3cr3t@sts.example.com',
    'user:s3cr3t@sts.example.com',
    's3cr3t@https://sts.example.com',
  ]) {
    const annotations = { [PODROLE_ANNOTATION.s3EndpointUrl]: url };
    const { warnings } = decideEndpoints({ object: 'ServiceAccount a/b', annotations, settings: NONE });
    assert.equal(warnings.length, 1);
    assert.doesNotMatch(warnings[0] ?? '', /s3cr3t|s3\/cr3t/);
    assert.match(
      warnings[0] ?? '',
      /^ServiceAccount a\/b: annotation podrole.dev\/s3-endpoint-url is ".*@.*" and has no effect; write /,
    );
  }
});
