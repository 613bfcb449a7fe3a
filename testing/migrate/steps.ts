import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { MigratedWorkload, MigrationModel } from '../../migrate/model.ts';
import { stepFiles } from '../../migrate/steps/step-files.ts';
import { MIGRATION_ISSUER, migratedRoleArn, migrationModel, PROXY_ROLE } from './model.ts';

/** Returns the texts of the files of the steps, by path. */
export function stepTexts(model: MigrationModel): ReadonlyMap<string, string> {
  return new Map(stepFiles(model).map(({ path, text }) => [path, text]));
}

/** Returns the documents of a YAML file as kubectl, which reads YAML 1.1, understands them. */
export function yamlValues(text: string): readonly unknown[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    if (document.errors.length > 0) throw new Error(`${document.errors[0]?.message} in\n${text}`);
    return document.toJS();
  });
}

/** Returns the commands below the headings of a page that end with these words, such as `Run`. */
export function commandsIn(page: string, heading: 'Run' | 'Verify' | 'Undo'): readonly string[] {
  const blocks = page.matchAll(/^#+ (\w+)\n\n```sh\n([\s\S]*?)\n```$/gm);
  return [...blocks].flatMap(([, found, lines = '']) => (found === heading ? lines.split('\n') : []));
}

/** Returns the words of each command of a page, as a shell passes them on. */
export function wordsOf(commands: readonly string[]): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'podrole-words-'));
  try {
    const programs = ['kubectl', 'podrole', 'aws', 'cat'];
    for (const program of programs) {
      const file = join(folder, program);
      const record = `printf '%s\\0' ${program} "$@" >>"$WORDS"; printf '\\n\\0' >>"$WORDS"`;
      writeFileSync(file, `#!/bin/sh\n${record}\n`, { mode: 0o755 });
    }
    const words = join(folder, 'words');
    mkdirSync(join(folder, '3-clean-up/undo'), { recursive: true });
    const script = ['set -eu', ...commands].join('\n');
    const { status, stderr } = spawnSync('/bin/sh', ['-c', script], {
      cwd: folder,
      env: { PATH: folder, WORDS: words },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the commands ended with ${status}: ${stderr}`);
    const calls = readFileSync(words, 'utf8').split('\0\n\0');
    return calls.filter((call) => call !== '').map((call) => call.split('\0'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes files of the steps into a folder. */
export function writeTexts(folder: string, texts: ReadonlyMap<string, string>): void {
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Returns a workload after both steps: its ServiceAccount has the role, by way B. */
export function movedWorkload(workload: MigratedWorkload): MigratedWorkload {
  return {
    ...workload,
    serviceAccount: workload.newServiceAccount ?? workload.serviceAccount,
    newServiceAccount: undefined,
    serviceAccountRole: workload.roleArn,
    servedBy: workload.pods.length > 0 ? 'podrole' : 'no pods',
  };
}

/** Returns the plan of `migrationModel` after both steps: everything has its role from podrole, by way B. */
export function movedModel(changes: Partial<MigrationModel> = {}): MigrationModel {
  const before = migrationModel();
  const host = MIGRATION_ISSUER.slice('https://'.length);
  return {
    ...before,
    workloads: before.workloads.map((workload) =>
      workload.name === 'cart'
        ? { ...movedWorkload(workload), serviceAccountRole: undefined }
        : movedWorkload(workload),
    ),
    roles: before.roles.map((role) => ({
      ...role,
      untrusted: [],
      trustPolicy: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: PROXY_ROLE }, Action: 'sts:AssumeRole' },
          ...role.serviceAccounts.map((name) => ({
            Sid: 'Podrole0123456789',
            Effect: 'Allow',
            Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${host}` },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              StringEquals: { [`${host}:sub`]: `system:serviceaccount:${name.replace('/', ':')}` },
            },
          })),
        ],
      },
    })),
    splits: [],
    namespaces: before.namespaces.map((one) => ({ ...one, proposedAllowedRoles: undefined })),
    ...changes,
  };
}

/** A plan with one of each case that the files treat in a way of their own. */
export function oddModel(): MigrationModel {
  const [report, cart, mail, web] = migrationModel().workloads;
  if (!report || !cart || !mail || !web) throw new Error('the plan has four workloads');
  return migrationModel({
    audience: 'vault audience',
    annotationPrefix: 'example.com',
    proxyRoleArn: undefined,
    unread: ['RoleBindings: kubectl says "forbidden"'],
    workloads: [
      { ...web, name: 'on', serviceAccount: 'on', newServiceAccount: '0o17', needs: 'sidecar' },
      { ...web, name: 'by-hand', serviceAccount: 'by-hand', annotatedIn: 'pods' },
      { ...web, name: 'node.agent', kind: 'DaemonSet', serviceAccount: 'agent' },
      {
        ...web,
        name: 'node-agent',
        kind: 'Pod',
        apiVersion: 'v1',
        serviceAccount: 'agent',
        needs: 'sidecar',
        sidecarMode: 'metadata',
      },
      { ...web, name: 'old', kind: 'ReplicationController', apiVersion: 'v1', serviceAccount: 'old' },
      { ...web, name: 'once', kind: 'Job', apiVersion: 'batch/v1', serviceAccount: 'once' },
      { ...web, name: 'taken', serviceAccountRole: migratedRoleArn('other'), serviceAccount: 'taken' },
      { ...web, name: 'has', serviceAccountRole: web.given, serviceAccount: 'has' },
      { ...web, name: 'one', serviceAccount: 'both' },
      { ...web, name: 'two', serviceAccount: 'both', roleArn: migratedRoleArn('shop-cart') },
      { ...web, name: 'away', roleArn: 'arn:aws:iam::444455556666:role/team/away', serviceAccount: 'away' },
      { ...web, name: 'rollout', kind: 'Rollout', apiVersion: 'argoproj.io/v1alpha1' },
      { ...web, name: 'refused', refused: 'the rule of the namespace does not allow it' },
      { ...web, name: 'nobody', roleArn: undefined, given: 'no|body' },
      { ...web, name: 'gone', roleArn: migratedRoleArn('gone') },
    ],
    roles: [
      ...migrationModel().roles.filter(({ arn }) => !arn.endsWith('web')),
      { ...(migrationModel().roles[3] ?? assertNever()), untrusted: undefined, trustPolicy: undefined },
      { ...(migrationModel().roles[3] ?? assertNever()), arn: migratedRoleArn('gone'), exists: false },
    ],
    splits: [
      {
        namespace: 'shop',
        serviceAccount: 'on',
        keeps: undefined,
        others: [{ serviceAccount: '0o17', roleArn: web.roleArn ?? '' }],
        imagePullSecrets: ['registry'],
        bindings: [
          { kind: 'RoleBinding', namespace: 'shop', name: 'web:read', roleKind: 'Role', roleName: 'read' },
          {
            kind: 'ClusterRoleBinding',
            namespace: undefined,
            name: 'x'.repeat(250),
            roleKind: 'ClusterRole',
            roleName: 'view',
          },
        ],
      },
      {
        namespace: 'shop',
        serviceAccount: 'both',
        keeps: undefined,
        others: [],
        imagePullSecrets: [],
        bindings: undefined,
      },
    ],
  });
}

function assertNever(): never {
  throw new Error('the plan has four roles');
}
