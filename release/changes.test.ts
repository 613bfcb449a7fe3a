import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesOf } from './changes.ts';

const CHANGELOG = `# Changelog

Text before.

## Unreleased

- next

## 0.2.0 - 2027-01-31

### Keys

- one
- two

## 0.1.0

- first
`;

test('a release has the section of its version, and only that', () => {
  assert.equal(changesOf(CHANGELOG, '0.2.0', false), '### Keys\n\n- one\n- two\n');
  assert.equal(changesOf(CHANGELOG, '0.1.0', true), '- first\n');
});

test('a snapshot may have what is not released yet', () => {
  assert.equal(changesOf(CHANGELOG, '0.3.0', true), '- next\n');
});

test('a release without a section, or with an empty one, is an error', () => {
  for (const [changelog, version] of [
    [CHANGELOG, '0.3.0'],
    [CHANGELOG, '0.2'],
    ['## 0.3.0 - 2027-01-31\n\n## 0.2.0\n\n- x\n', '0.3.0'],
    ['', '0.3.0'],
  ] as const)
    assert.throws(() => changesOf(changelog, version, false), {
      code: 'RELEASE_CHANGELOG',
      message: new RegExp(
        `^CHANGELOG.md: has no section with changes of version ${version}; .* \\[RELEASE_CHANGELOG]$`,
      ),
    });
  assert.throws(() => changesOf('# Changelog\n', '0.3.0', true), { code: 'RELEASE_CHANGELOG' });
});
