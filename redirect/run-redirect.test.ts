import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { PodroleError } from '../lib/errors.ts';
import { readSettings } from '../lib/settings/settings.ts';
import { runCli } from '../testing/processes/cli.ts';
import type { NftResult } from './nft-command.ts';
import { runRedirect } from './run-redirect.ts';
import { redirectSettings } from './settings.ts';

const testdata = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');
const RULESET = testdata('redirect.nft');
const REMOVAL = 'add table inet podrole\ndelete table inet podrole\n';
const LIST = '-j list table inet podrole';
/** The table as podrole loads it, and with a rule before it. */
const [LISTED = '', TAMPERED = ''] = JSON.parse(testdata('listings.json')).map(
  ({ listing }: { listing: unknown }) => JSON.stringify(listing),
);
const POD = { isMachines: false, hasIpv6: true };
const ABSENT = { ok: false, stderr: 'Error: No such file or directory\nlist table inet podrole\n' } as const;
const DENIED = {
  ok: false,
  stderr: 'netlink: Error: cache initialization failed: Operation not permitted\n',
} as const;

/**
 * Runs it with an nft that answers what a real one was seen to answer.
 * @param answers in order, of exactly the calls that are to be made
 */
function run(given: Record<string, unknown>, answers: readonly NftResult[] = [], namespace = POD) {
  const calls: (readonly [args: string, stdin?: string])[] = [];
  const [stdout, stderr] = [collect(), collect()];
  const faults: string[] = [];
  const nft = (args: readonly string[], stdin?: string) => {
    calls.push(stdin === undefined ? [args.join(' ')] : [args.join(' '), stdin]);
    return answers[calls.length - 1] ?? assert.fail(`nft is called once more: ${args.join(' ')}`);
  };
  try {
    runRedirect(readSettings(redirectSettings, given, {}), { ...{ stdout, stderr }, nft, namespace });
  } catch (thrown) {
    if (!(thrown instanceof PodroleError)) throw thrown;
    faults.push(...thrown.faults.map(({ code, problem }) => `${code} ${problem}`));
  }
  assert.equal(calls.length, answers.length);
  return { calls, faults, stdout: stdout.text(), stderr: stderr.text() };
}

function collect() {
  const chunks: string[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    chunks.push(String(chunk));
    done();
  };
  return Object.assign(new Writable({ write }), { text: () => chunks.join('') });
}

const done = (stdout = ''): NftResult => ({ ok: true, stdout });

test('the rules are loaded in one run and read back', () => {
  const { calls, stdout, stderr, faults } = run({}, [done(), done(LISTED)]);
  assert.deepEqual(calls, [['-f -', RULESET], [LIST]]);
  const addresses = '169.254.169.254:80, 169.254.170.2:80, [fd00:ec2::254]:80';
  assert.equal(stdout, `redirected to port 9911 on loopback: ${addresses}\n`);
  assert.deepEqual([stderr, faults], ['', []]);
});

test('output as JSON', () => {
  const outputs = [
    run({ output: 'json' }, [done(), done(LISTED)]),
    run({ output: 'json', check: true }, [done(LISTED)]),
    run({ output: 'json', undo: true }, [done()]),
    run({ output: 'json', print: true }),
  ].map(({ stdout }) => JSON.parse(stdout));
  const addresses = ['169.254.169.254:80', '169.254.170.2:80', '[fd00:ec2::254]:80'];
  const loaded = { table: 'inet podrole', state: 'loaded', port: 9911, addresses };
  const absent = { table: 'inet podrole', state: 'absent' };
  assert.deepEqual(outputs, [loaded, loaded, absent, { table: 'inet podrole', ruleset: RULESET }]);
});

test('other rules in the kernel are an error', () => {
  const { faults, stdout } = run({}, [done(), done(TAMPERED)]);
  assert.equal(stdout, '');
  assert.match(
    faults.join('\n'),
    /^REDIRECT_DIFFERS has a rule in output that is not podrole's: .*accept[^\n]*$/,
  );
});

test('--check changes nothing', () => {
  assert.deepEqual(run({ check: true }, [done(LISTED)]).calls, [[LIST]]);
  assert.deepEqual(run({ check: true }, [ABSENT]).faults, ['REDIRECT_DIFFERS does not exist']);
  assert.match(run({ check: true }, [DENIED]).faults.join(), /^NO_NET_ADMIN/);
});

test('a load that is refused is not read back', () => {
  assert.match(run({}, [DENIED]).faults.join(), /^NO_NET_ADMIN .*Operation not permitted/);
});

test('a table that cannot be read back is an error', () => {
  assert.match(run({}, [done(), done('{"nftables": [')]).faults.join(), /^NFT_LISTING/);
  assert.equal(run({}, [done(), ABSENT]).faults.join(), 'REDIRECT_DIFFERS does not exist');
});

test('--print runs nothing', () => {
  assert.equal(run({ print: true }).stdout, RULESET);
  assert.equal(run({ print: true }, [], { ...POD, isMachines: true }).stdout, RULESET);
});

test('--undo removes the table, whether it exists or not', () => {
  assert.deepEqual(run({ undo: true }, [done()]).calls, [['-f -', REMOVAL]]);
  assert.match(run({ undo: true }, [DENIED]).faults.join(), /^NO_NET_ADMIN/);
});

test("the machine's own metadata addresses are not redirected without --host-network", () => {
  const machine = { ...POD, isMachines: true };
  assert.match(run({}, [], machine).faults.join(), /^HOST_NETWORK/);
  assert.deepEqual(run({ hostNetwork: true }, [done(), done(LISTED)], machine).faults, []);
  assert.deepEqual(
    run({ undo: true }, [done()], machine).faults,
    [],
    'what was done by mistake can be undone',
  );
  assert.deepEqual(run({ check: true }, [done(LISTED)], machine).faults, []);
});

test('without IPv6 in the kernel, IPv4 is redirected with a note', () => {
  const listed = LISTED.replace(
    /,\{"rule":(?:(?!"rule").)*fd00:ec2::254.*?"redirect":\{"port":9911\}\}\]\}\}/,
    '',
  );
  const { calls, stdout, stderr, faults } = run({}, [done(), done(listed)], { ...POD, hasIpv6: false });
  assert.deepEqual(faults, []);
  assert.ok(!calls[0]?.[1]?.includes('ip6'));
  assert.ok(!stdout.includes('fd00'));
  assert.match(stderr, /^note: the kernel has no IPv6/);
});

test('on the command line', async () => {
  const { exitCode, stderr } = await runCli(['redirect', '--print', '--undo', '--check']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /--print: excludes --check and --undo/);
  const notFound = await runCli(['redirect', '--undo', '-o', 'json'], { env: { PATH: '/nonexistent' } });
  assert.equal(notFound.exitCode, 3);
  assert.equal(JSON.parse(notFound.stderr).errors[0].code, 'NFT_NOT_FOUND');
  const printed = await runCli(['redirect', '--print']);
  // The machine of the test may have no IPv6.
  const withoutIpv6 = (ruleset: string) => ruleset.replace(/^ *ip6 .*\n/m, '');
  assert.equal(withoutIpv6(printed.stdout), withoutIpv6(RULESET));
  assert.equal(printed.exitCode, 0);
});
