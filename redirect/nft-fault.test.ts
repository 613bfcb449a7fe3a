import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NftFailure, nftFault } from './nft-fault.ts';

/**
 * Failures of nft with its output on stderr, by default from runs of nft 1.0.6. Kernels without a feature
 * were simulated with strace.
 */
const FAILURES: readonly (readonly [what: string, failure: NftFailure, code: string])[] = [
  ['not installed', { systemError: 'ENOENT', stderr: '' }, 'NFT_NOT_FOUND'],
  ['not executable', { systemError: 'EACCES', stderr: '' }, 'NFT_NOT_FOUND'],
  [
    'root without NET_ADMIN',
    { stderr: 'netlink: Error: cache initialization failed: Operation not permitted\n' },
    'NO_NET_ADMIN',
  ],
  [
    'another user',
    {
      stderr:
        'Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted\n',
    },
    'NO_NET_ADMIN',
  ],
  [
    'a kernel without nfnetlink, or gVisor',
    { stderr: 'mnl.c:60: Unable to initialize Netlink socket: Protocol not supported\n' },
    'NO_NF_TABLES',
  ],
  [
    'a kernel without nf_tables',
    { stderr: 'netlink: Error: cache initialization failed: Operation not supported\n' },
    'NO_NF_TABLES',
  ],
  [
    'the same, as the kernel answers a request for what it does not know',
    { stderr: 'netlink: Error: cache initialization failed: Invalid argument\n' },
    'NO_NF_TABLES',
  ],
  [
    'a kernel without nat, nft 1.0.9',
    {
      stderr:
        '/dev/stdin:5:5-45: Error: Chain of type "nat" is not supported, perhaps kernel support is missing?\n',
    },
    'NO_NFT_NAT',
  ],
  [
    'a kernel without redirect',
    {
      stderr: `/dev/stdin:6:5-60: Error: Could not process rule: No such file or directory
    ip daddr 169.254.169.254 tcp dport 80 redirect to :9911
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n`,
    },
    'NO_NFT_NAT',
  ],
  [
    'the same in the words of musl',
    { stderr: 'Error: Could not process rule: Not supported\n' },
    'NO_NFT_NAT',
  ],
  ['nft without JSON', { stderr: 'Error: JSON support not compiled-in\n' }, 'NFT_WITHOUT_JSON'],
  [
    'a syntax that nft does not know',
    { stderr: '/dev/stdin:1:106-106: Error: syntax error, unexpected semicolon\n' },
    'NFT_FAILED',
  ],
  ['killed after ten seconds', { systemError: 'ETIMEDOUT', stderr: '' }, 'NFT_FAILED'],
  ['killed by another', { stderr: '' }, 'NFT_FAILED'],
];

for (const [what, failure, code] of FAILURES) {
  test(`${code}: ${what}`, () => {
    const fault = nftFault(failure);
    assert.equal(fault.code, code);
    assert.ok(fault.remedy);
    const [words = ''] = failure.stderr.split('\n');
    assert.ok(fault.problem.includes(words), 'the words of nft are kept');
    assert.ok(!fault.problem.includes('\n'));
  });
}

test('the error says if nft did not end', () => {
  assert.match(nftFault({ systemError: 'ETIMEDOUT', stderr: '' }).problem, /ETIMEDOUT/);
});
