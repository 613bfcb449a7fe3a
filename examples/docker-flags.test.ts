import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { commandTable } from '../cli/table.ts';
import { settingsOf } from '../testing/manifest-files.ts';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

test('podrole docker knows the flags and variables of the examples', async () => {
  const entry = commandTable.find(({ name }) => name === 'docker') ?? assert.fail('there is no such command');
  const { settings } = await entry.load();
  const { podrole } = parse(read('compose.yaml'), { merge: true }).services;
  const [, ...flags] = podrole.command;
  assert.equal(settingsOf(settings, flags, { AWS_REGION: 'eu-central-1' })['port'], 9931);
  const unit = read('podrole-docker.service');
  const [, line = ''] = /^ExecStart=\S+ docker *(.*)$/m.exec(unit) ?? [];
  const named = [...unit.matchAll(/PODROLE_[A-Z_]+/g)].map(([name]) => name);
  const arn = 'arn:aws:iam::111122223333:role/';
  assert.ok(named.length > 0);
  const variables = Object.fromEntries(named.map((name) => [name, arn]));
  settingsOf(settings, line.split(' ').filter(Boolean), { ...variables, AWS_REGION: 'eu-central-1' });
});
