import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { parseProbe } from './parse-probe.ts';
import { PROBE_SCRIPT } from './probe-script.ts';

const roots: string[] = [];
after(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

/** Content of files by their path; a link to another file is `-> PATH`. */
type Files = Readonly<Record<string, string | Buffer>>;

function rootOf(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'podrole-probe-'));
  roots.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (typeof content === 'string' && content.startsWith('-> '))
      symlinkSync(content.slice(3), join(root, path));
    else writeFileSync(join(root, path), content);
  }
  return root;
}

const SHELLS = [['sh'], ['busybox', 'sh'], ['bash']].filter(([name = '']) =>
  ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name))),
);

function probe(root: string, shell: readonly string[] = ['sh'], env: NodeJS.ProcessEnv = {}): string {
  const [program = '', ...args] = shell;
  return execFileSync(program, [...args, '-c', PROBE_SCRIPT, 'podrole-probe', root], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function found(output: string): readonly string[] {
  const { sdks, gap } = parseProbe(output);
  assert.equal(gap, undefined, output);
  return sdks.map((sdk) => `${sdk.package} ${sdk.version ?? '?'}${sdk.hasSts ? ' sts' : ''}`).sort();
}

const SITE = 'usr/lib/python3/dist-packages';
const goInfo = (...lines: readonly string[]) =>
  `\x7fELF\0\0\xff Go buildinf:\b\x02\0\0go1.22\0path\texample.com/app\nmod\texample.com/app\t(devel)\t\n${lines.join('\n')}\n\0\xf92\x431`;
/** Names in an archive are plain; what is compressed is not read. */
const archive = (...names: readonly string[]) =>
  Buffer.concat([
    Buffer.from(names.map((name) => `PK\x03\x04\0\0${name}\x01\x02`).join('')),
    Buffer.alloc(1_200_000),
  ]);

const ROOTS: Readonly<Record<string, readonly [files: Files, expected: readonly string[]]>> = {
  nothing: [{ 'etc/hostname': 'x' }, []],
  'boto3 of pip': [
    {
      [`${SITE}/boto3-1.9.199.dist-info/METADATA`]: '',
      [`${SITE}/botocore-1.12.253.dist-info/METADATA`]: '',
    },
    ['boto3 1.9.199', 'botocore 1.12.253'],
  ],
  'boto 2 of setuptools': [{ [`${SITE}/boto-2.49.0-py2.7.egg-info/PKG-INFO`]: '' }, ['boto 2.49.0']],
  'an egg': [{ 'opt/app/botocore-1.10.0-py3.6.egg/x': '' }, ['botocore 1.10.0']],
  'two virtual environments': [
    { 'a/boto3-1.9.0.dist-info/x': '', 'b/boto3-1.44.8.dist-info/x': '' },
    ['boto3 1.44.8', 'boto3 1.9.0'],
  ],
  'the AWS CLI of pip': [{ [`${SITE}/awscli-1.16.100.dist-info/METADATA`]: '' }, ['awscli 1.16.100']],
  'the AWS CLI 2': [{ 'usr/local/aws-cli/v2/2.15.0/dist/aws': '' }, ['awscli 2.15.0']],
  's3cmd of Debian': [{ [`${SITE}/s3cmd-2.3.0.egg-info`]: '' }, ['s3cmd 2.3.0']],
  'JavaScript 2': [
    { 'app/node_modules/aws-sdk/package.json': '{\n  "name": "aws-sdk",\n  "version": "2.493.0"\n}' },
    ['aws-sdk 2.493.0'],
  ],
  'JavaScript 2, on one line, in another package': [
    { 'a/node_modules/x/node_modules/aws-sdk/package.json': '{"version":"2.4.0","name":"aws-sdk"}' },
    ['aws-sdk 2.4.0'],
  ],
  'JavaScript 3': [
    {
      'app/node_modules/@aws-sdk/credential-provider-node/package.json':
        '{"name": "@aws-sdk/credential-provider-node", "version": "3.12.0"}',
      'app/node_modules/@aws-sdk/client-s3/package.json':
        '{"name": "@aws-sdk/client-s3", "version": "3.13.0"}',
    },
    ['@aws-sdk 3.12.0'],
  ],
  pnpm: [
    {
      'app/node_modules/.pnpm/aws-sdk@2.1693.0/node_modules/aws-sdk/package.json':
        '{"name":"aws-sdk","version":"2.1693.0"}',
    },
    ['aws-sdk 2.1693.0'],
  ],
  'Java 1': [{ 'app/lib/aws-java-sdk-core-1.11.600.jar': '' }, ['aws-java-sdk 1.11.600']],
  'the bundle of Java 1': [{ 'opt/hadoop/aws-java-sdk-bundle-1.12.262.jar': '' }, ['aws-java-sdk 1.12.262']],
  'Java 2 without sts': [{ 'app/lib/sdk-core-2.31.0.jar': '' }, ['aws-java-sdk 2 2.31.0']],
  'Java 2 with sts': [
    { 'app/lib/sdk-core-2.31.0.jar': '', 'app/lib/sts-2.31.0.jar': '' },
    ['aws-java-sdk 2 2.31.0 sts'],
  ],
  'the bundle of Java 2': [{ 'app/bundle-2.24.6.jar': '' }, ['aws-java-sdk 2 2.24.6 sts']],
  'an archive of Spring Boot': [
    { 'app.jar': archive('BOOT-INF/lib/sdk-core-2.20.1.jar', 'BOOT-INF/lib/sts-2.20.1.jar') },
    ['aws-java-sdk 2 2.20.1 sts'],
  ],
  'an archive of everything': [
    { 'app.jar': archive('META-INF/maven/com.amazonaws/aws-java-sdk-core/pom.properties') },
    ['aws-java-sdk ?'],
  ],
  Ruby: [{ 'usr/local/bundle/specifications/aws-sdk-core-3.168.1.gemspec': '' }, ['aws-sdk-ruby 3.168.1']],
  PHP: [
    { 'var/www/vendor/aws/aws-sdk-php/src/Sdk.php': "<?php\nclass Sdk {\n    const VERSION = '3.100.0';\n" },
    ['aws-sdk-php 3.100.0'],
  ],
  '.NET': [
    { 'app/app.deps.json': '{"targets":{"x":{"AWSSDK.Core/3.7.100.1":{}}}}', 'app/AWSSDK.Core.dll': '' },
    ['AWSSDK.Core 3.7.100.1'],
  ],
  '.NET without its list': [{ 'app/AWSSDK.Core.dll': '' }, ['AWSSDK.Core ?']],
  'C++': [{ 'usr/lib/libaws-cpp-sdk-core.so': '' }, ['aws-sdk-cpp ?']],
  'Go v1': [
    { 'proc/1/exe': '-> ../../app', app: goInfo('dep\tgithub.com/aws/aws-sdk-go\tv1.20.0\th1:x=') },
    ['aws-sdk-go 1.20.0'],
  ],
  'Go v2': [
    {
      'proc/17/exe': '-> ../../app',
      app: goInfo(
        'dep\tgithub.com/aws/aws-sdk-go-v2\tv1.30.0\th1:x=',
        'dep\tgithub.com/aws/aws-sdk-go-v2/config\tv1.27.0\th1:x=',
      ),
    },
    ['aws-sdk-go-v2 1.27.0', 'aws-sdk-go-v2 1.30.0'],
  ],
  'another library of the same author': [
    { 'proc/1/exe': '-> ../../app', app: goInfo('dep\tgithub.com/aws/aws-lambda-go\tv1.1.0\th1:x=') },
    [],
  ],
  'rclone of Debian': [
    {
      'var/lib/dpkg/status':
        'Package: rclone\nStatus: install ok installed\nVersion: 1.60.1+dfsg-2\n\nPackage: zlib\nVersion: 1.2\n',
    },
    ['rclone 1.60.1'],
  ],
  'packages of Alpine': [
    { 'lib/apk/db/installed': 'C:Q1\nP:s3cmd\nV:2.4.0-r1\nA:x\n\nC:Q1\nP:aws-cli\nV:2.15.0-r0\n' },
    ['awscli 2.15.0', 's3cmd 2.4.0'],
  ],
  'names that only look alike': [
    {
      'a/botocore-stubs-1.2.3.dist-info/x': '',
      'a/boto3-notes.txt': '',
      'a/node_modules/aws-sdk-mock/package.json': '{"name":"aws-sdk-mock","version":"1.0.0"}',
      'a/sts-2.txt': '',
    },
    [],
  ],
  'names with escape sequences and line breaks': [
    { 'a/botocore-1.0.0\u001b[2J\n.dist-info/x': '', 'a/boto3-1.2.3\nend\n/x': '' },
    [],
  ],
};

for (const shell of SHELLS)
  for (const [name, [files, expected]] of Object.entries(ROOTS))
    test(`${shell.join(' ')} finds: ${name}`, () => {
      assert.deepEqual(found(probe(rootOf(files), shell)), expected);
    });

test('thousands of files do not make the output longer than its limit', () => {
  const files = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, at) => [`a/${at}/boto3-1.0.${at}.dist-info/x`, '']),
  );
  const output = probe(rootOf(files));
  assert.ok(output.split('\n').length < 310);
  assert.equal(parseProbe(output).sdks.length, 50);
});

test('a container without the tools says which', () => {
  const bin = rootOf({ head: '-> /usr/bin/head', tr: '-> /usr/bin/tr', sort: '-> /usr/bin/sort' });
  const output = probe(rootOf({}), ['/bin/sh'], { PATH: bin });
  assert.equal(parseProbe(output).gap, 'the container does not have find, grep');
});

test('nothing of the environment is printed, and nothing of the container runs', () => {
  const root = rootOf({ 'usr/bin/aws': '#!/bin/sh\necho ran\n', 'a/boto3-1.0.0.dist-info/x': '' });
  const output = probe(root, ['sh'], {
    AWS_SECRET_ACCESS_KEY: 'do-not-print',
    AWS_SESSION_TOKEN: 'do-not-print',
  });
  assert.doesNotMatch(output, /do-not-print|ran/);
});

const CACHE = join(process.env['PODROLE_CACHE'] ?? join(homedir(), '.cache/podrole'), 'sdks');
const REAL: readonly (readonly [prefix: string, expected: readonly string[]])[] = [
  ['boto-2.49.0-', ['boto 2.49.0']],
  ['boto3-1.9.199-', ['boto3 1.9.199', 'botocore 1.12.253']],
  ['java-v1-', ['aws-java-sdk 1.11.600']],
  ['java-v2-', ['aws-java-sdk 2 2.31.0']],
];

for (const [prefix, expected] of REAL) {
  const folder = (existsSync(CACHE) ? readdirSync(CACHE) : []).find(
    (name) => name.startsWith(prefix) && !name.includes('.lo'),
  );
  test(`the installed SDK is found: ${prefix}`, { skip: folder === undefined && 'not installed' }, () => {
    assert.deepEqual(found(probe(join(CACHE, folder ?? ''))), expected);
  });
}
