import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readNetworkNamespace } from './network-namespace.ts';

/**
 * Files below /proc as namespaces and kernels have them; that a real pod's namespace has the second is seen
 * in e2e/cases/redirect/redirect.test.ts.
 */
const CASES = [
  {
    name: 'the first namespace of a machine',
    files: ['sys/net/core/netdev_max_backlog', 'sys/net/core/somaxconn', 'net/if_inet6'],
    expected: { isMachines: true, hasIpv6: true },
  },
  {
    name: 'a namespace of a pod',
    files: ['sys/net/core/somaxconn', 'net/if_inet6'],
    expected: { isMachines: false, hasIpv6: true },
  },
  {
    name: 'a pod under a kernel without IPv6',
    files: ['sys/net/core/somaxconn'],
    expected: { isMachines: false, hasIpv6: false },
  },
] as const;

for (const { name, files, expected } of CASES) {
  test(name, (t) => {
    const proc = mkdtempSync(join(tmpdir(), 'podrole-proc-'));
    t.after(() => rmSync(proc, { recursive: true }));
    for (const file of files) {
      mkdirSync(dirname(join(proc, file)), { recursive: true });
      writeFileSync(join(proc, file), '');
    }
    assert.deepEqual(readNetworkNamespace(proc), expected);
  });
}
