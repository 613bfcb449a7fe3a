import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  KUBE2IAM_POD_ANNOTATION,
  KUBE2IAM_ROLE_ANNOTATION,
  NAMESPACE_RULE_ANNOTATION,
} from '../lib/contract/kube2iam.ts';
import { flagName } from '../lib/settings/settings.ts';
import { policySettings } from '../policy/settings.ts';
import { commandTable } from './table.ts';

/** Flags of kube2iam. [kube2iam] cmd/main.go */
const KUBE2IAM = `api-server api-token app-port auto-discover-base-arn auto-discover-default-role
  backoff-max-elapsed-time backoff-max-interval base-role-arn cache-resync-period debug default-role
  host-interface host-ip iam-external-id iam-role-key iam-role-session-ttl insecure iptables kubeconfig
  log-format log-level metadata-addr metrics-port namespace-key namespace-restriction-format
  namespace-restrictions node resolve-duplicate-cache-ips use-regional-sts-endpoint verbose version`;

/** Flags of kiam's agent and server. [kiam] cmd/kiam/agent.go, server.go, opts.go, CHANGELOG.md */
const KIAM = `allow-ip-query ca cert gateway-timeout-creation grpc-keepalive-permit-without-stream
  grpc-keepalive-time-duration grpc-keepalive-timeout-duration host host-interface iptables iptables-remove
  json-log key level port pprof-listen-addr prometheus-listen-addr prometheus-sync-interval server-address
  server-address-refresh statsd statsd-interval statsd-prefix whitelist-route-regexp
  assume-role-arn bind disable-strict-namespace-regexp fetchers kubeconfig prefetch-buffer-size region
  role-alias role-base-arn role-base-arn-autodetect session session-duration session-refresh sync`;

const { permitted, allowedRoles } = NAMESPACE_RULE_ANNOTATION;
const { externalId, sessionName } = KUBE2IAM_POD_ANNOTATION;
const PAGES = [
  {
    page: 'migrate-kube2iam.md',
    flags: KUBE2IAM,
    annotations: [KUBE2IAM_ROLE_ANNOTATION, externalId, allowedRoles],
  },
  {
    page: 'migrate-kiam.md',
    flags: KIAM,
    annotations: [
      KUBE2IAM_ROLE_ANNOTATION,
      'iam.amazonaws.com/role-alias',
      sessionName,
      externalId,
      permitted,
    ],
  },
] as const;

const FLAG = /--[a-z][a-z0-9]*(?:-[a-z0-9]+)*/g;
const VERDICT =
  /^(?:same(?:: `(?:--)?[a-z -]+`|, with `--[a-z-]+`)?|different(?:: `--[a-z-]+`(?: of the sidecar)?)?|not taken)$/;

const commands = await Promise.all(commandTable.map(({ load }) => load()));
const known = new Set(
  [...commands.map(({ settings }) => settings), policySettings]
    .flatMap((settings) => Object.entries<{ aliases?: readonly string[] }>(settings))
    .flatMap(([key, { aliases = [] }]) => [key, ...aliases])
    .map((key) => `--${flagName(key)}`),
);

for (const { page, flags, annotations } of PAGES) {
  const rows = rowsOf(page);

  test(`docs/${page} has one row for each flag and annotation of the peer`, () => {
    const expected = [...flags.split(/\s+/).map((name) => `--${name}`), ...annotations];
    assert.deepEqual(rows.map(({ theirs }) => theirs).sort(), expected.sort());
  });

  test(`docs/${page}: each flag of podrole in the tables is one`, () => {
    const unknown = rows.flatMap(({ theirs, verdict, rest }) =>
      [...(`${verdict} ${rest}`.match(FLAG) ?? [])]
        .filter((flag) => !known.has(flag))
        .map((flag) => `${theirs}: ${flag}`),
    );
    assert.deepEqual(unknown, []);
  });

  test(`docs/${page} says of each row whether it is the same, different or not taken, and what to do`, () => {
    const unclear = rows.filter(
      ({ verdict, rest }) => !VERDICT.test(verdict) || (verdict === 'different' && rest === '–'),
    );
    assert.deepEqual(unclear, []);
  });
}

interface Row {
  /** A flag of the peer, or an annotation. */
  readonly theirs: string;
  readonly verdict: string;
  readonly rest: string;
}

/** Returns the rows of the page's tables whose second column is headed "in podrole". */
function rowsOf(page: string): readonly Row[] {
  const markdown = readFileSync(fileURLToPath(new URL(`../docs/${page}`, import.meta.url)), 'utf8');
  return markdown
    .split('\n\n')
    .filter((block) => /^\| \w+ \| in podrole \| what to do \|$/m.test(block))
    .flatMap((table) => table.trim().split('\n').slice(2))
    .map((line) => {
      const [, theirs = '', verdict = '', rest = ''] = line.split('|').map((cell) => cell.trim());
      return { theirs: /`([^`]+)`/.exec(theirs)?.[1] ?? theirs, verdict, rest };
    });
}
