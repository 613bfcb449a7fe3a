import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socketPathOf } from './docker-host.ts';

test('only a Unix socket is the daemon of this host', () => {
  const cases: [given: string, path: string | undefined][] = [
    ['unix:///var/run/docker.sock', '/var/run/docker.sock'],
    ['unix:///run/user/1000/podman/podman.sock', '/run/user/1000/podman/podman.sock'],
    ['unix://docker.sock', undefined],
    ['unix://', undefined],
    ['unix:///a\u0000b', undefined],
    [`unix:///${'x'.repeat(200)}`, undefined],
    ['/var/run/docker.sock', undefined],
    ['tcp://127.0.0.1:2375', undefined],
    ['ssh://root@host', undefined],
    ['', undefined],
  ];
  for (const [given, path] of cases) assert.equal(socketPathOf(given), path, given);
});
