import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import {
  CONTAINER_ROLE_VARIABLE,
  DEFAULT_DOCKER_METRICS_PORT,
  ROLE_LABEL,
  SIDECAR_USER_ID,
} from '../lib/contract/podrole.ts';
import packageJson from '../package.json' with { type: 'json' };
import { redirectSettings } from '../redirect/settings.ts';
import { probeSettings } from '../sidecar/settings.ts';
import { settingsOf } from '../testing/manifest-files.ts';

const file = new URL('compose.yaml', import.meta.url);
const { services } = parse(readFileSync(file, 'utf8'), { merge: true });
const { 'podrole-redirect': rules, podrole, ...apps } = services;

test('the rules are loaded, kept and checked with the same settings', () => {
  const [command, ...flags] = rules.command;
  assert.equal(command, 'redirect');
  const kept = settingsOf(redirectSettings, flags, {});
  assert.deepEqual([kept.docker, kept.watch], [true, true]);
  const [kind, program, checking, ...checkFlags] = rules.healthcheck.test;
  assert.deepEqual([kind, program, checking], ['CMD', 'podrole', 'redirect']);
  const checked = settingsOf(redirectSettings, checkFlags, {});
  assert.deepEqual(checked, { ...kept, watch: false, check: true });
});

test('podrole starts after the rules, and containers after podrole', () => {
  assert.equal(podrole.command[0], 'docker');
  assert.equal(podrole.depends_on['podrole-redirect'].condition, 'service_healthy');
  const [kind, program, command, ...flags] = podrole.healthcheck.test;
  assert.deepEqual([kind, program, command], ['CMD', 'podrole', 'probe']);
  assert.equal(settingsOf(probeSettings, flags, {}).metricsPort, DEFAULT_DOCKER_METRICS_PORT);
  for (const app of Object.values<typeof podrole>(apps))
    assert.equal(app.depends_on.podrole.condition, 'service_healthy');
});

test('two services name two roles, one by the label and one by the variable', () => {
  const { fluent, php } = apps;
  assert.equal(fluent.labels[ROLE_LABEL], 'fluent');
  assert.equal(php.environment[CONTAINER_ROLE_VARIABLE.role], 'php');
});

test('each of the two has what it needs, and nothing else', () => {
  for (const service of [rules, podrole]) {
    assert.equal(service.image, `\${PODROLE_IMAGE:-podrole:${packageJson.version}}`);
    assert.deepEqual(
      [service.network_mode, service.read_only, service.cap_drop, service.security_opt, service.privileged],
      ['host', true, ['ALL'], ['no-new-privileges:true'], undefined],
    );
    assert.equal(service.restart, 'unless-stopped');
  }
  assert.deepEqual(
    [rules.user, rules.cap_add, rules.volumes, rules.pid],
    ['0:0', ['NET_ADMIN'], undefined, undefined],
  );
  assert.equal(podrole.user, `${SIDECAR_USER_ID}:${SIDECAR_USER_ID}`);
  assert.deepEqual([podrole.cap_add, podrole.pid], [undefined, 'host']);
  assert.deepEqual(podrole.volumes, [
    '/var/run/docker.sock:/var/run/docker.sock',
    '/run/docker/netns:/run/netns:ro,rslave',
  ]);
});
