import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { readSettings } from '../lib/settings/settings.ts';
import { NO_SIGNALS, PLAIN } from '../testing/processes/no-signals.ts';
import { EXIT, type ExitCode } from './command.ts';
import type { CommandEntry } from './command-entry.ts';
import { run } from './main.ts';
import { commandGroups, commandTable } from './table.ts';

const COLUMNS = 80;

/** Variables that the examples of `podrole sidecar` rely on. */
const IN_A_POD = {
  AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/web',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  AWS_REGION: 'eu-west-1',
  PODROLE_NODE_NAME: 'node-1',
};

/** The commands with all their parsing, which end before they do anything. */
const parsedOnly: readonly CommandEntry[] = commandTable.map((entry) => ({
  ...entry,
  load: async () => {
    const command = await entry.load();
    const start = async (given: Readonly<Record<string, unknown>>): Promise<ExitCode> => {
      readSettings(command.settings, given, IN_A_POD);
      return EXIT.ok;
    };
    return { ...command, start };
  },
}));

async function call(args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = {
    ...{ stdin: Readable.from([]), stdout, stderr, env: {}, isColored: PLAIN },
    ...NO_SIGNALS,
  };
  const exitCode = await run(args, terminal, { commandTable: parsedOnly, commandGroups });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

/** The words of a command line of the shell, without its quotes. */
function words(commandLine: string): string[] {
  return (commandLine.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).map((word) =>
    word.replaceAll(/['"]/g, ''),
  );
}

const helps = [[], ...Object.keys(commandGroups).map((name) => [name])];
for (const words of [...helps, ...commandTable.map(({ name }) => name.split(' '))]) {
  test(`podrole ${[...words, '--help'].join(' ')} fits ${COLUMNS} columns, and podrole help prints the same`, async () => {
    const { exitCode, stdout } = await call([...words, '--help']);
    assert.equal(exitCode, EXIT.ok);
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.length > COLUMNS),
      [],
    );
    assert.equal((await call(['help', ...words])).stdout, stdout);
  });
}

test('help says what exit code 1 means, if the command has it', async () => {
  const line = async (command: string) =>
    /^Exit codes: .*$/m.exec((await call([command, '--help'])).stdout)?.[0];
  assert.equal(await line('doctor'), 'Exit codes: 0 done, 1 a link is broken, 2 wrong usage, 3 failed.');
  assert.match((await line('audit')) ?? '', /, 1 findings \(with --fail-on\), /);
  assert.match((await line('bind')) ?? '', /, 1 changes \(with --exit-code\), /);
  assert.equal(await line('test'), 'Exit codes: 0 done, 2 wrong usage, 3 failed.');
});

for (const { name, load } of commandTable) {
  const { examples } = await load();
  test(`podrole ${name}: its examples are the first thing after the description, and can be called`, async () => {
    assert.ok(examples.length > 0);
    const { stdout } = await call([...name.split(' '), '--help']);
    const [, afterUsage = ''] = stdout.split('\nExamples:\n');
    assert.ok(afterUsage.startsWith(`  # ${examples[0]?.[1]}\n  podrole ${name}`), stdout);
    for (const [line] of examples) {
      const [own = ''] = line.split(' | ');
      const { exitCode, stderr } = await call(words(own));
      assert.deepEqual([exitCode, stderr], [EXIT.ok, ''], line);
    }
  });
}
