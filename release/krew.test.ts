import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { krewManifest } from './krew.ts';

test('krew finds an archive with its checksum for each platform but Windows', () => {
  const manifest = parse(
    krewManifest({
      version: '0.2.0',
      description: 'A role for every pod',
      homepage: 'https://git.example.com/podrole',
      downloads: 'https://downloads.example.com/v0.2.0',
      sha256Of: (platform) => `sum of ${platform}`,
    }),
  );
  assert.equal(manifest.spec.version, 'v0.2.0');
  const platforms: Record<string, unknown>[] = manifest.spec.platforms;
  assert.deepEqual(
    platforms.map(({ selector, uri, sha256 }) => [selector, uri, sha256]),
    [
      ['linux', 'amd64', 'linux-x64'],
      ['linux', 'arm64', 'linux-arm64'],
      ['darwin', 'arm64', 'darwin-arm64'],
      ['darwin', 'amd64', 'darwin-x64'],
    ].map(([os, arch, platform]) => [
      { matchLabels: { os, arch } },
      `https://downloads.example.com/v0.2.0/podrole-0.2.0-${platform}.tar.gz`,
      `sum of ${platform}`,
    ]),
  );
});
