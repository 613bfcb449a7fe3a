import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type FoundSdk, judgeSdk, renderSdkVersions, SDK_VERSIONS, type SdkPackage } from './sdk-versions.ts';

const page = new URL('../../docs/sdk-versions.md', import.meta.url);
const TABLE = /^\| SDK \|.*\n(?:\|.*\n)*/m;

test('the table of docs/sdk-versions.md is the one by which --probe judges', () => {
  const rendered = `${renderSdkVersions()}\n`;
  const before = readFileSync(page, 'utf8');
  if (process.env['UPDATE_GOLDEN'])
    writeFileSync(
      page,
      before.replace(TABLE, () => rendered),
    );
  assert.equal(TABLE.exec(readFileSync(page, 'utf8'))?.[0], rendered);
});

test('each package is in one row, and its cell names the version that decides', () => {
  const packages = SDK_VERSIONS.flatMap(({ webIdentityFrom }) => Object.keys(webIdentityFrom));
  assert.deepEqual([...new Set(packages)], packages);
  for (const { webIdentityFrom, cells } of SDK_VERSIONS)
    for (const from of Object.values(webIdentityFrom))
      if (from !== 'none' && from !== '0') assert.ok((cells.webIdentity ?? from).includes(from), from);
});

const CASES: readonly (readonly [SdkPackage, string | undefined, string, hasSts?: boolean])[] = [
  ['boto3', '1.9.199', 'sidecar credentials'],
  ['boto3', '1.9.219', 'sidecar credentials'],
  ['boto3', '1.9.220', 'web identity'],
  ['boto3', '1.44.8', 'web identity'],
  ['boto3', '1.10', 'web identity'],
  ['boto3', undefined, 'unknown'],
  ['botocore', '1.12.199', 'sidecar credentials'],
  ['botocore', '1.12.253', 'web identity'],
  ['boto', '2.49.0', 'sidecar metadata'],
  ['boto', undefined, 'sidecar metadata'],
  ['awscli', '1.16.231', 'sidecar credentials'],
  ['awscli', '2.0.0', 'web identity'],
  ['aws-sdk', '2.4.0', 'sidecar credentials'],
  ['aws-sdk', '2.525.0', 'web identity'],
  ['@aws-sdk', '3.26.0', 'sidecar credentials'],
  ['@aws-sdk', '3.27.0', 'web identity'],
  ['aws-java-sdk', '1.12.781', 'sidecar credentials'],
  ['aws-java-sdk', '1.12.782', 'web identity'],
  ['aws-java-sdk', undefined, 'unknown'],
  ['aws-java-sdk 2', '2.10.10', 'sidecar credentials', true],
  ['aws-java-sdk 2', '2.31.0', 'web identity', true],
  ['aws-java-sdk 2', '2.31.0', 'sidecar credentials', false],
  ['aws-sdk-go', '1.23.12', 'sidecar metadata'],
  ['aws-sdk-go', '1.55.8', 'web identity'],
  ['aws-sdk-go-v2', '0.1.0', 'web identity'],
  ['aws-sdk-ruby', '3.57.0', 'sidecar metadata'],
  ['aws-sdk-ruby', '3.168.1', 'web identity'],
  ['aws-sdk-php', '3.110.6', 'sidecar credentials'],
  ['aws-sdk-php', '3.110.7', 'web identity'],
  ['AWSSDK.Core', '3.3.659.0', 'sidecar credentials'],
  ['AWSSDK.Core', '3.7.0', 'web identity'],
  ['aws-sdk-cpp', undefined, 'unknown'],
  ['s3cmd', '2.2.0', 'unknown'],
  ['s3cmd', '2.3.0', 'web identity'],
  ['rclone', '1.50.0', 'unknown'],
  ['rclone', '1.60.1', 'web identity'],
];

for (const [name, version, expected, hasSts] of CASES) {
  test(`${name} ${version ?? 'of an unknown version'}${hasSts ? ' with sts' : ''} needs: ${expected}`, () => {
    const sdk: FoundSdk = { package: name, version, ...(hasSts !== undefined && { hasSts }) };
    const { needs, mode } = judgeSdk(sdk);
    assert.equal([needs, mode].filter(Boolean).join(' '), expected);
  });
}
