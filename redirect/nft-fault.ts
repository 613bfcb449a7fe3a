import type { Fault } from '../lib/errors.ts';

/** Failed run of nft. */
export interface NftFailure {
  /**
   * Error of the system: nft could not be started (`ENOENT`, `EACCES`), did not end (`ETIMEDOUT`) or did not
   * read (`EPIPE`).
   */
  readonly systemError?: string | undefined;
  /** Its stderr, in the C locale. */
  readonly stderr: string;
}

/**
 * Meanings of messages of nft and of the C library (glibc's and musl's), in the order in which they are
 * looked for. The kernel answers ENOENT to a kind of chain or expression for which it has no module; nft has
 * a message of its own for chains.
 */
const MEANINGS: readonly (readonly [pattern: RegExp, fault: Pick<Fault, 'code' | 'problem' | 'remedy'>])[] = [
  [
    /Operation not permitted|Permission denied/,
    {
      code: 'NO_NET_ADMIN',
      problem: 'may not be changed by this process, which lacks the capability NET_ADMIN',
      remedy:
        'run it as root with NET_ADMIN alone: in a pod securityContext.capabilities.add: [NET_ADMIN], drop: [ALL], in Compose cap_add: [NET_ADMIN], cap_drop: [ALL]',
    },
  ],
  [
    /Chain of type "nat" is not supported|Could not process rule: (?:No such file|Operation not supported|Not supported)/,
    {
      code: 'NO_NFT_NAT',
      problem: 'cannot redirect: the kernel has nf_tables, but no nat or redirect for the family inet',
      remedy:
        'use Linux 5.2 or newer on the node or Docker host, and load its modules nft_chain_nat and nft_redir there (modprobe)',
    },
  ],
  [
    /Unable to initialize Netlink socket|cache initialization failed|not supported/i,
    {
      code: 'NO_NF_TABLES',
      problem: 'cannot hold rules: the kernel, or the sandbox in its place, has no nf_tables',
      remedy:
        'load the module nf_tables on the node or Docker host (modprobe); if there is none, a pod can use podrole.dev/sidecar: credentials, which needs no redirect',
    },
  ],
  [
    /JSON support not compiled/i,
    {
      code: 'NFT_WITHOUT_JSON',
      problem: 'cannot be verified: this nft is built without JSON',
      remedy: 'install nftables as Debian or Alpine build it',
    },
  ],
];

/** Returns what is missing, by the message of nft. The fault quotes the message, since it names the line. */
export function nftFault({ systemError, stderr }: NftFailure): Fault {
  if (systemError === 'ENOENT' || systemError === 'EACCES') {
    return {
      code: 'NFT_NOT_FOUND',
      object: 'nft',
      problem: systemError === 'ENOENT' ? 'is not on the PATH' : 'may not be run by this user',
      remedy:
        'install the package nftables; it is in /usr/sbin, which the PATH of users other than root may lack',
    };
  }
  const words = stderr.trim().split('\n', 1)[0] || systemError || 'nothing';
  const meaning = MEANINGS.find(([pattern]) => pattern.test(stderr))?.[1];
  if (meaning)
    return { object: 'the network namespace', ...meaning, problem: `${meaning.problem} (nft: ${words})` };
  return {
    code: 'NFT_FAILED',
    object: 'nft',
    problem: `failed: ${words}`,
    remedy: 'run podrole redirect --print, and try its output with nft -f',
  };
}
