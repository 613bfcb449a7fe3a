import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { PodroleError } from '../lib/errors.ts';
import { runCli } from '../testing/processes/cli.ts';
import { NO_SIGNALS, PLAIN } from '../testing/processes/no-signals.ts';
import { defineCommand } from './command.ts';
import { run } from './main.ts';

/** Runs a command that throws a value. */
async function runThrowing(thrown: unknown, ...args: readonly string[]) {
  const stderr = new PassThrough();
  const command = defineCommand({
    description: 'Fails',
    examples: [],
    settings: {
      output: { help: 'format', default: '', value: '<format>', parse: String, short: 'o' },
    },
    run: () => Promise.reject(thrown),
  });
  const terminal = {
    ...{ stdin: Readable.from([]), stdout: new PassThrough(), stderr, env: {} },
    ...NO_SIGNALS,
    isColored: PLAIN,
  };
  const exitCode = await run(['fail', ...args], terminal, {
    commandTable: [{ name: 'fail', group: 'Look and try:', summary: 'fails', load: async () => command }],
    commandGroups: {},
  });
  return { exitCode, stderr: String(stderr.read() ?? '') };
}

const faults = [
  { code: 'NO_KEYS', object: 'a.json', problem: 'holds no key', remedy: 'give keys' },
  { code: 'INVALID_SETTING', object: '--port', problem: 'is "x"', remedy: 'give a number' },
] as const;

test('an error ends with its code, for a search in docs/errors.md', async () => {
  assert.deepEqual(await runThrowing(new PodroleError(faults)), {
    exitCode: 3,
    stderr:
      'error: a.json: holds no key; give keys [NO_KEYS]\nerror: --port: is "x"; give a number [INVALID_SETTING]\n',
  });
});

test('a program gets the faults as JSON', async () => {
  const { stderr } = await runThrowing(new PodroleError(faults), '-o', 'json');
  assert.deepEqual(JSON.parse(stderr), { errors: faults });
});

test('an error that nobody expected has a code too, and the trace', async () => {
  const { exitCode, stderr } = await runThrowing(new TypeError('oops'));
  assert.equal(exitCode, 3);
  assert.match(stderr, /^error: .* \[UNEXPECTED\]\nTypeError: oops\n +at /);
  const hostile = await runThrowing(new TypeError('\u001b[31mno\u009b1m eyJhbGciOiJIUzI1NiJ9.e30.c2ln'));
  assert.match(hostile.stderr, /\nTypeError: \\u001b\[31mno\\u009b1m \[redacted\]\n/);
  const asJson = await runThrowing(new TypeError('oops'), '-o', 'json');
  assert.deepEqual(JSON.parse(asJson.stderr), { errors: [{ code: 'UNEXPECTED', problem: 'oops' }] });
});

const wrongCalls: readonly [args: readonly string[], stderr: RegExp][] = [
  [['webhok'], /: unknown command 'webhok'; did you mean webhook\? \[USAGE\]\n$/],
  [['key', 'create'], /: unknown command 'key'; did you mean keys\? \[USAGE\]\n$/],
  [['keys', 'creat'], /: unknown command 'creat'; did you mean create\? \[USAGE\]\n$/],
  [['webhook', '--prt', '1'], /: unknown option '--prt'; did you mean --port\? \[USAGE\]\n$/],
  [
    ['webhook', '--live-lookup', 'alway'],
    /must be one of .*; did you mean always\?; see --help \[INVALID_SETTING\]/,
  ],
  [
    ['bind', 'web', '--approve', 'false'],
    /^error: --approve false: .*; give --approve=false \[INVALID_SETTING\]/,
  ],
  [
    ['exec', 'ls', '-l'],
    /: unknown option '-l'; write podrole exec \[options\] -- COMMAND \[ARGUMENTS\] \[USAGE\]\n$/,
  ],
  [['exec', '--regio', 'a', '--', 'ls'], /: unknown option '--regio'; did you mean --region\? \[USAGE\]\n$/],
  [['foo\nbar'], /: unknown command 'foo bar'; see --help \[USAGE\]\n$/],
  [['sidecar', '--port'], /: option '--port <port>' argument missing; see --help \[USAGE\]\n$/],
  [
    ['keys', 'rotate', 'start', 'now'],
    /^error: now: is one operand too many: the command takes <step>; .* \[USAGE\]\n$/,
  ],
  [
    ['inject', 'pod.yaml', '-'],
    /^error: pod\.yaml: is a file without -f; write -f pod\.yaml \[USAGE\]\nerror: -: /,
  ],
  [['inject', '-f', 'a.yaml', 'b.yaml'], /^error: b\.yaml: is a file without -f; write -f b\.yaml /],
  [['sts', 'sts.yaml'], /^error: sts\.yaml: is a file without --config; write --config sts\.yaml /],
  [
    ['publish', 's3://bucket'],
    /^error: s3:\/\/bucket: is one operand too many: the command takes no operands/,
  ],
  [['--', 'list'], /^error: command line: begins with --; write the command first: .* \[USAGE\]\n$/],
  [['-n', 'shop', 'list'], /: begins with -n; write the command first/],
  [['--authorization-token=hunter2', 'sidecar'], /: begins with --authorization-token; write the command/],
  [
    ['sidecar', '--authorization-tokn=hunter2'],
    /: unknown option '--authorization-tokn'; did you mean --auth/,
  ],
  [['keys', '--', 'create'], /: names no command; write the command first/],
  [['help', 'webhok'], /: unknown command 'webhok'; did you mean webhook\?/],
  [['help', 'keys', 'nope'], /: unknown command 'nope'/],
  [['list', '--no-color=false'], /: unknown option '--no-color'/],
  [['help', '--nope'], /: unknown option '--nope'/],
  [['x'.repeat(100_000)], /: unknown command 'x{100}…'; see --help/],
  [['list', '-Ao', 'jsn'], /must be one of .*; did you mean json\?/],
  [['list', '-Ao=json', '-n=SHOP'], /^\{"errors":\[\{"code":"INVALID_SETTING","object":"--namespace"/],
  [['get'], /: unknown command 'get'; run podrole list, /],
  [['constructor'], /: unknown command 'constructor'; see --help/],
  [['bind', 'web', '--dry-run=client'], /: unknown option '--dry-run'; leave it out: without --approve /],
  [['bind', '--name', 'web'], /: unknown option '--name'; write the name without a flag/],
  [['up', '--region', 'eu-west-1'], /: unknown option '--region'; set AWS_REGION/],
  [['unbind', 'web', '-y'], /: unknown option '-y'; give --approve/],
  [['provider', 'ensure', '--yes'], /: unknown option '--yes'; give --approve/],
  [['inject', '--dry-run'], /: unknown option '--dry-run'; see --help/],
  [['bind', 'bindings.yaml'], /^error: bindings\.yaml: is a file, .*; write -f bindings\.yaml /],
  [['bind', '-f', 'a.yaml', 'b.yaml'], /error: b\.yaml: is a file without -f; write -f b\.yaml/],
  [['unbind', 'sa.yaml'], /^error: sa\.yaml: is a file, not the name/],
  [['list', '-A', '-n', 'shop'], /^error: --all-namespaces: excludes --namespace, which is shop/],
  [['list', 'pods/web'], /^error: pods\/web: is a pod, not a ServiceAccount/],
];

for (const [args, stderr] of wrongCalls) {
  test(`the parser's error has a code: podrole ${args.join(' ')}`, async () => {
    const result = await runCli(args);
    assert.equal(result.exitCode, 2);
    assert.match(result.stderr, stderr);
  });
}

const HELPS: readonly (readonly [given: string, usage: string])[] = [
  ['help unbind -n shop web --approve', 'podrole unbind '],
  ['help list extra', 'podrole list '],
  ['help -- keys create', 'podrole keys create '],
  ['help keys --help', 'podrole keys '],
  ['help --', 'podrole '],
];
for (const [given, usage] of HELPS) {
  test(`help never runs a command: ${given}`, async () => {
    const { exitCode, stdout, stderr } = await runCli(given.split(' '));
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.ok(stdout.startsWith(`Usage: ${usage}[options]`), stdout);
  });
}
