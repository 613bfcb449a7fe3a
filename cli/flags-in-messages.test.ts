import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { flagName } from '../lib/settings/settings.ts';
import { parseSource, visitNodes } from '../testing/sources/parse-source.ts';
import type { Command } from './command.ts';
import { commandTable } from './table.ts';

const FLAG = /(?<![\w-])--[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?![\w-])/g;

const commands = await Promise.all(commandTable.map(({ load }) => load()));
const known = new Set(commands.flatMap(flagsOf));

/** Flags of every command, of a sidecar alone, and of other programs. */
const OTHERS: ReadonlySet<string> = new Set([
  '--help',
  '--version',
  ...['--network', '--pid'],
  '--no-color',
  '--probe',
  ...['--api-audiences', '--local', '--overwrite', '--policy-document', '--raw', '--server', '--tag-keys'],
  ...['--service-account-jwks-uri', '--tail', '--replicas'],
  // Of kube2iam and kiam, kubectl and the AWS CLI.
  ...['--namespace-restrictions', '--level', '--patch', '--patch-file', '--policy-name'],
  ...['--extra-config', '--field-selector', '--no-maglev', '--service-account-issuer'],
  ...['key', 'signing-key', 'private-key'].map((key) => `--service-account-${key}-file`),
]);

/** Tests, rooms that are not shipped, and the flags of other tools that cli/command-line/habits.ts knows. */
const NOT_PRODUCT =
  /\.test\.ts$|^cli\/command-line\/habits\.ts$|^(?:bench|e2e|examples|image|node_modules|release|testing)\//;

test('every flag that a message names is a flag of some command', () => {
  const unknown = globSync('**/*.ts', { exclude: ['node_modules'] })
    .filter((file) => !NOT_PRODUCT.test(file))
    .flatMap((file) =>
      flagsIn(file)
        .filter((flag) => !known.has(flag) && !OTHERS.has(flag))
        .map((flag) => `${file} ${flag}`),
    );
  assert.deepEqual(unknown, []);
});

test('the examples of a command name only flags that it has', () => {
  for (const command of commands) {
    const own = new Set(flagsOf(command));
    for (const [line] of command.examples) {
      const unknown = [...line.matchAll(FLAG)].map(([flag]) => flag).filter((flag) => !own.has(flag));
      assert.deepEqual(unknown, [], line);
    }
  }
});

function flagsOf({ settings }: Command): readonly string[] {
  const keys = Object.entries(settings).flatMap(([key, { aliases = [] }]) => [key, ...aliases]);
  return keys.map((key) => `--${flagName(key)}`);
}

/** Returns the flags in the strings of a source. */
function flagsIn(file: string): readonly string[] {
  const flags: string[] = [];
  visitNodes(parseSource(readFileSync(file, 'utf8')).program, (node) => {
    const text = node.type === 'TemplateElement' ? JSON.stringify(node['value']) : node['value'];
    if (node.type !== 'TemplateElement' && node.type !== 'Literal') return;
    if (typeof text !== 'string') return;
    flags.push(...[...text.matchAll(FLAG)].map(([flag]) => flag));
  });
  return [...new Set(flags)];
}
