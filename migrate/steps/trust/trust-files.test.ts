import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { useBindSite } from '../../../testing/bind/bind-site.ts';
import {
  migratedRole,
  migratedRoleArn,
  migratedWorkload,
  migrationModel,
} from '../../../testing/migrate/model.ts';
import { commandsIn, stepTexts, wordsOf, writeTexts, yamlValues } from '../../../testing/migrate/steps.ts';
import type { MigrationModel } from '../../model.ts';

const THUMBPRINT = ['--thumbprint', '990f4193972f2becf12ddeda5237f9c952f20d9e'];
const root = mkdtempSync(join(tmpdir(), 'podrole-trust-'));
after(() => rmSync(root, { recursive: true }));
const site = useBindSite();

const shared = ['one', 'two', 'three'].map((name) =>
  migratedWorkload('shop', name, { serviceAccount: 'all', newServiceAccount: `all-${name}` }),
);
const MODELS: Readonly<Record<string, MigrationModel>> = {
  'the usual plan': migrationModel(),
  'one ServiceAccount with three roles': migrationModel({
    workloads: shared,
    roles: shared.map(({ name }) => migratedRole(`shop-${name}`, [`shop/all-${name}`])),
  }),
  'two ServiceAccounts with one role': migrationModel({
    workloads: ['a', 'b'].map((name) => migratedWorkload('shop', name, { given: 'shop-web' })),
    roles: [migratedRole('shop-web', ['shop/a', 'shop/b'])],
  }),
  'a role under a path': migrationModel({
    workloads: [migratedWorkload('shop', 'web', { given: 'team/a/shop-web' })],
    roles: [migratedRole('team/a/shop-web', ['shop/web'])],
  }),
};

/** Trust policies that roles have beforehand, and that must be there afterwards. */
const POLICIES: Readonly<Record<string, (proxy: unknown) => unknown>> = {
  'of the proxy alone': (Statement) => ({ Version: '2012-10-17', Statement: [Statement] }),
  'with other statements': (statement) => ({
    Version: '2012-10-17',
    Id: 'kept',
    Statement: [
      { Sid: 'Ec2', Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      statement,
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:AssumeRole',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  }),
};
const PROXY = {
  Effect: 'Allow',
  Principal: { AWS: migrationModel().proxyRoleArn },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'sts:ExternalId': 'x' } },
};

for (const [name, model] of Object.entries(MODELS)) {
  for (const [kind, policyOf] of Object.entries(POLICIES)) {
    test(`${name}, trust policies ${kind}: step 1 adds to them, and its undo leaves them as they were`, async () => {
      for (const { arn } of model.roles) addRole(arn, JSON.stringify(policyOf(PROXY)));
      const before = state();
      const texts = stepTexts(model);
      const folder = mkdtempSync(join(root, 'steps-'));
      writeTexts(folder, texts);
      const page = texts.get('README.md') ?? '';
      await run(folder, commandsIn(page, 'Run'), THUMBPRINT);
      for (const { arn, serviceAccounts } of model.roles) {
        const policy = policyIn(arn);
        const given = policyOf(PROXY) as { Statement: unknown[] };
        assert.deepEqual(policy.Statement.slice(0, given.Statement.length), given.Statement);
        const subjects = JSON.stringify(policy.Statement.slice(given.Statement.length));
        for (const id of serviceAccounts)
          assert(
            subjects.includes(`"system:serviceaccount:${id.replace('/', ':')}"`),
            `${id} in ${subjects}`,
          );
      }
      await run(folder, commandsIn(page, 'Verify'), THUMBPRINT);
      await run(folder, commandsIn(page, 'Undo'), []);
      assert.deepEqual(state(), before);
      assert.deepEqual(
        [...site.cluster.objects.keys()].filter((path) => /serviceaccounts/.test(path)),
        [],
      );
    });
  }
}

test('each account has a file of its own, and what is trusted already is in none', () => {
  const away = 'arn:aws:iam::444455556666:role/away';
  const model = migrationModel({
    workloads: [
      migratedWorkload('shop', 'web'),
      migratedWorkload('shop', 'done'),
      migratedWorkload('shop', 'away', { roleArn: away }),
    ],
    roles: [
      migratedRole('shop-web', ['shop/web']),
      migratedRole('shop-done', ['shop/done'], { untrusted: [] }),
    ],
  });
  const texts = stepTexts(model);
  const bindings = [...texts].flatMap(([path, text]) =>
    path.startsWith('1-trust') ? [[path, JSON.stringify(yamlValues(text)[0])]] : [],
  );
  assert.deepEqual(
    bindings.map(([path]) => path),
    ['1-trust/bindings-111122223333.yaml', '1-trust/bindings-444455556666.yaml'],
  );
  assert.match(bindings[0]?.[1] ?? '', new RegExp(migratedRoleArn('shop-web')));
  assert.doesNotMatch(JSON.stringify(bindings), /done/);
  assert.match(bindings[1]?.[1] ?? '', new RegExp(away));
});

/** Runs the commands of a page, which begin with podrole, in the folder of the steps. */
async function run(folder: string, commands: readonly string[], more: readonly string[]): Promise<void> {
  assert(commands.length > 0);
  for (const [program, ...words] of wordsOf(commands)) {
    assert.equal(program, 'podrole');
    const args = words.map((word) => (word.startsWith('1-trust/') ? join(folder, word) : word));
    const { exitCode, stderr } = await site.podrole(...args, ...(args[0] === 'bind' ? more : []));
    assert.equal(exitCode, 0, `${words.join(' ')}: ${stderr}`);
  }
}

function addRole(arn: string, trustPolicy: string): void {
  const [, path = '/', name = ''] = /:role(\/.*\/|\/)([^/]+)$/.exec(arn) ?? [];
  site.iam.roles.set(name, {
    path,
    trustPolicy,
    description: 'by hand',
    maxSessionDuration: '3600',
    boundary: undefined,
    tags: new Map(),
    attached: new Set(),
    inline: new Map(),
  });
}

function policyIn(arn: string): { readonly Statement: readonly unknown[] } {
  return JSON.parse(site.iam.roles.get(arn.split('/').at(-1) ?? '')?.trustPolicy ?? '');
}

/** Everything that IAM holds of the roles. */
function state(): unknown {
  return structuredClone(site.iam.roles);
}
