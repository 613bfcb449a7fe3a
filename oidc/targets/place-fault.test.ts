import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeFault } from './place-fault.ts';

for (const place of [
  ...[
    '/srv/www',
    'public',
    './gs:/x',
    'a:b',
    'C:\\www',
    'C:/www',
    'gs:',
    'x/https://y',
    ' gs://x',
    's3://keys',
  ],
  's3://keys/site/',
]) {
  test(`a place: ${place}`, () => assert.equal(placeFault('--to', place), undefined));
}

const UPLOAD = /^publish to a folder and upload it; /;
const refused: Readonly<Record<string, RegExp>> = {
  'gs://bucket': UPLOAD,
  'gs:/bucket': UPLOAD,
  'GS://bucket': UPLOAD,
  'az://container/x': UPLOAD,
  'abfss://c@a.dfs.core.windows.net': UPLOAD,
  'https://oidc.example.com': UPLOAD,
  'https://storage.googleapis.com/bucket': UPLOAD,
  'sftp://host/srv': UPLOAD,
  'minio+http://host/b': UPLOAD,
  'xy://': UPLOAD,
  'https://keys.s3.eu-west-1.amazonaws.com/one': /^give s3:\/\/keys$/,
  'https://s3.eu-west-1.amazonaws.com/keys/one': /^give s3:\/\/keys$/,
  'HTTP://keys.s3.amazonaws.com': /^give s3:\/\/keys$/,
  'S3://keys/one': /^give s3:\/\/keys\/one$/,
  's3:/keys': /^give s3:\/\/keys$/,
  'file:///srv/www': /^give the folder, \/srv\/www$/,
  'file://localhost/srv/www': /^give the folder, \/srv\/www$/,
};
for (const [place, remedy] of Object.entries(refused)) {
  test(`not a place: ${place}`, () => {
    const fault = placeFault('--to', place);
    assert.equal(fault?.code, 'INVALID_SETTING');
    assert.equal(fault?.object, `--to ${place}`);
    assert.match(fault?.remedy ?? '', remedy);
  });
}
