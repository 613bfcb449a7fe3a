import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  askAgent,
  CONTAINER_HOST,
  CONTAINER_PATH,
  METADATA_HOST,
  ROLE_PATH,
} from '../testing/agent/ask-agent.ts';
import { ROLE, startLocalSts } from '../testing/aws/local-sts.ts';
import { type ServedDocker, startDockerHost } from '../testing/docker/docker-host.ts';
import { useIssuer } from '../testing/oidc/issuer.ts';
import { until } from '../testing/until.ts';

const BASE = 'arn:aws:iam::111122223333:role/';
const arnOf = (name: string) => `${BASE}${name}`;
const trusting = (name: string) => ({
  arn: arnOf(name),
  trustPolicy: {
    Statement: { Effect: 'Allow', Principal: { AWS: ROLE }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
  },
});

const sts = await startLocalSts(await useIssuer(), ['fluent', 'php', 'admin'].map(trusting));
const own = await sts.assume();
const env = {
  AWS_ENDPOINT_URL_STS: sts.url,
  AWS_ACCESS_KEY_ID: own.accessKeyId,
  AWS_SECRET_ACCESS_KEY: own.secretAccessKey,
  AWS_SESSION_TOKEN: own.sessionToken,
  AWS_EC2_METADATA_DISABLED: 'true',
};
// The AWS SDK reads the environment of this process.
Object.assign(process.env, env);
const host = await startDockerHost();
const roleFile = join(host.folder, 'roles.yaml');
const writeRoles = (content: string) => {
  writeFileSync(`${roleFile}.new`, content);
  renameSync(`${roleFile}.new`, roleFile);
};
writeRoles('roles: []\n');
const served = await host.serve({ baseRoleArn: BASE, allow: `${BASE}fluent,${BASE}php`, roleFile }, env);
after(async () => {
  const log = served.log.text();
  await host.close();
  await sts.close();
  for (const secret of [own.secretAccessKey, own.sessionToken, SECRET]) assert.ok(!log.includes(secret));
});

/** Value of a variable that must not reach a log. */
const SECRET = 'value-of-a-variable';

interface Answered {
  readonly status: number | undefined;
  readonly body: string;
}

const asking = (from: string, { port }: ServedDocker = served) => ({ port, from });
const container = (from: string, path = CONTAINER_PATH): Promise<Answered> =>
  askAgent({ ...asking(from), path, headers: CONTAINER_HOST });
const metadata = (from: string, path = ROLE_PATH): Promise<Answered> =>
  askAgent({ ...asking(from), path, headers: METADATA_HOST });
const roleIn = ({ body }: Answered) => JSON.parse(body).RoleArn;
const codeIn = ({ status, body }: Answered) => [status, JSON.parse(body).code];
const metric = async (line: RegExp) => line.test(await (await fetch(`${served.metricsUrl}/metrics`)).text());

test('a role by label, by variable and by file; each gets its own, on both kinds of endpoints', async () => {
  const ids = [
    host.start({ name: 'one', address: '127.0.0.41', labels: { 'podrole.dev/role-arn': arnOf('fluent') } }),
    host.start({ name: 'two', address: '127.0.0.42', env: { IAM_ROLE: 'php', PASSWORD: SECRET } }),
    host.start({ name: 'three', address: '127.0.0.43' }),
  ];
  writeRoles('roles:\n- container: three\n  role: fluent\n');
  await until(async () => (await container('127.0.0.43')).status === 200, 'the file is read');
  const expected = ['fluent', 'php', 'fluent'];
  for (const [at, name] of expected.entries()) {
    const from = `127.0.0.4${at + 1}`;
    assert.equal(roleIn(await container(from)), arnOf(name));
    for (const path of ['/creds', '/v2/credentials/0f5b']) {
      assert.equal(roleIn(await container(from, path)), arnOf(name));
    }
    assert.equal((await metadata(from)).body, name);
    assert.match((await metadata(from, ROLE_PATH + name)).body, /"Code" *: *"Success"/);
    assert.equal((await metadata(from, `${ROLE_PATH}admin`)).status, 404);
  }
  const assumed = sts.lines.filter(({ action }) => action === 'AssumeRole');
  assert.equal(assumed.length, 3, 'one exchange for each container');
  for (const id of ids) host.end(id);
  await until(() => metric(/^podrole_docker_sessions 0$/m), 'their sessions are dropped');
});

test('a changed file counts for the next request of a running container, and drops the old session', async () => {
  writeRoles('roles:\n- container: web\n  role: fluent\n');
  const id = host.start({ name: 'web', address: '127.0.0.44' });
  const from = '127.0.0.44';
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const keepAlive = () => askAgent({ ...asking(from), path: CONTAINER_PATH, headers: CONTAINER_HOST, agent });
  await until(async () => (await keepAlive()).status === 200, 'the file is read');
  assert.equal(roleIn(await keepAlive()), arnOf('fluent'));
  writeRoles('roles:\n- container: web\n  role: php\n');
  await until(async () => roleIn(await keepAlive()) === arnOf('php'), 'the role is switched');
  assert.equal((await metadata(from)).body, 'php');
  assert.ok(await metric(/^podrole_docker_sessions 1$/m));
  writeRoles('roles: []\n');
  await until(async () => (await keepAlive()).status === 403, 'the role is taken away');
  agent.destroy();
  host.end(id);
});

test('a refusal says why, to the container and once in the log, without its variables', async () => {
  const ids = [
    host.start({ name: 'none', address: '127.0.0.45', env: { PASSWORD: SECRET } }),
    host.start({ name: 'greedy', address: '127.0.0.46', env: { IAM_ROLE: 'admin', PASSWORD: SECRET } }),
    host.start({ name: 'broken', address: '127.0.0.47', labels: { 'podrole.dev/role-arn': 'arn:x' } }),
    host.start({ name: 'policy', address: '127.0.0.48', env: { IAM_ROLE: 'php', IAM_POLICY: SECRET } }),
  ];
  const cases: readonly [from: string, code: string, says: RegExp][] = [
    ['127.0.0.45', 'NO_ROLE', /podrole\.dev\/role-arn.*IAM_ROLE.*--role-file/],
    ['127.0.0.46', 'CONTAINER_ROLE_REFUSED', /role\/admin.*--allow/],
    ['127.0.0.47', 'CONTAINER_ROLE_REFUSED', /Label podrole\.dev\/role-arn/],
    ['127.0.0.48', 'CONTAINER_ROLE_REFUSED', /IAM_POLICY/],
  ];
  for (const [from, code, says] of cases) {
    for (let times = 0; times < 3; times += 1) {
      const answer = await container(from);
      assert.deepEqual(codeIn(answer), [403, code]);
      assert.match(answer.body, says);
      assert.ok(!answer.body.includes(SECRET));
    }
    const asked = await metadata(from);
    assert.equal(asked.status, 403);
    assert.match(asked.body, says);
  }
  const lines = served.log.text().split('\n');
  assert.equal(lines.filter((line) => line.includes('"greedy"') && line.includes('its role')).length, 1);
  for (const id of ids) host.end(id);
});

test('an address that no container has is in doubt, and nothing is assumed for it', async () => {
  const before = sts.lines.length;
  assert.deepEqual(codeIn(await container('127.0.0.49')), [503, 'CALLER_UNCLEAR']);
  assert.equal(sts.lines.length, before);
});

test('a container that ends: its connections close, and the next owner of the address gets its own role', async () => {
  const from = '127.0.0.50';
  const first = host.start({ name: 'first', address: from, env: { IAM_ROLE: 'fluent' } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const kept = { ...asking(from), path: CONTAINER_PATH, headers: CONTAINER_HOST, agent };
  assert.equal(roleIn(await askAgent(kept)), arnOf('fluent'));
  const [socket] = Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? []);
  assert.ok(socket);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  host.end(first);
  const second = host.start({ name: 'second', address: from, env: { IAM_ROLE: 'php' } });
  await closed;
  assert.equal(roleIn(await container(from)), arnOf('php'));
  agent.destroy();
  host.end(second);
});

test('while the daemon is away, a known container is served, a new one is in doubt; then both are served', async () => {
  const [known, late] = ['127.0.0.51', '127.0.0.52'];
  const ids = [host.start({ name: 'known', address: known, env: { IAM_ROLE: 'php' } })];
  await until(async () => (await container(known)).status === 200, 'it is known');
  await host.daemon.stop();
  ids.push(host.start({ name: 'late', address: late, env: { IAM_ROLE: 'fluent' } }));
  await until(async () => !(await fetch(`${served.metricsUrl}/readyz`)).ok, 'it is not ready');
  assert.match(await (await fetch(`${served.metricsUrl}/readyz`)).text(), /Docker daemon/);
  assert.deepEqual(codeIn(await container(late)), [503, 'CALLER_UNCLEAR']);
  await host.daemon.start();
  await until(async () => (await fetch(`${served.metricsUrl}/readyz`)).ok, 'it is ready again');
  assert.equal(roleIn(await container(late)), arnOf('fluent'));
  assert.equal(roleIn(await container(known)), arnOf('php'));
  for (const id of ids) host.end(id);
});

test('a token file that is not there yet is in the log before a container asks', async () => {
  const late = await host.serve({ tokenFile: join(host.folder, 'not-yet') }, env);
  await until(() => late.log.text().includes('the token file cannot be used yet'), 'the warning');
  assert.match(late.log.text(), /"message":"token file [^"]*not-yet: does not exist; /);
  await late.stop();
});

test('one port for containers and metrics is refused', async () => {
  const same = host.serve({ port: '19931', metricsPort: '19931' }, env);
  await assert.rejects(same, /--metrics-port: is 19931, which is the --port for workloads too/);
});

test('with --imdsv2 required, container credentials are refused, and a session token is needed', async () => {
  const strict = await host.serve({ imdsv2: 'required', baseRoleArn: BASE, defaultRole: 'php' }, env);
  const from = '127.0.0.53';
  const id = host.start({ name: 'strict', address: from });
  const ask = (path: string, headers: Readonly<Record<string, string>>, method = 'GET') =>
    askAgent({ ...asking(from, strict), path, headers, method });
  const refused = await ask(CONTAINER_PATH, CONTAINER_HOST);
  assert.deepEqual(codeIn(refused), [403, 'CREDENTIALS_NOT_SERVED']);
  assert.equal((await ask(ROLE_PATH, METADATA_HOST)).status, 401);
  const ttl = { ...METADATA_HOST, 'X-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = (await ask('/latest/api/token', ttl, 'PUT')).body;
  const answer = await ask(ROLE_PATH, { ...METADATA_HOST, 'X-aws-ec2-metadata-token': token });
  assert.equal(answer.body, 'php');
  host.end(id);
  await strict.stop();
});

test('many containers, and one that takes all connections: each gets its own role', async () => {
  const count = 60;
  const greedy = '127.0.0.60';
  const ids = [host.start({ name: 'greedy', address: greedy, env: { IAM_ROLE: 'admin' } })];
  const sockets = Array.from({ length: 700 }, () =>
    connect({ host: '127.0.0.1', port: served.port, localAddress: greedy }).on('error', () => {}),
  );
  for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: 169.254.170.2\r\n\r\n');
  for (let at = 0; at < count; at += 1) {
    ids.push(
      host.start({
        name: `many-${at}`,
        address: `127.0.1.${at}`,
        env: { IAM_ROLE: at % 2 === 0 ? 'php' : 'fluent' },
      }),
    );
  }
  const answers = await Promise.all(Array.from({ length: count }, (_, at) => container(`127.0.1.${at}`)));
  const expected = answers.map((_, at) => arnOf(at % 2 === 0 ? 'php' : 'fluent'));
  assert.deepEqual(answers.map(roleIn), expected);
  assert.ok(await metric(/^podrole_docker_sessions 60$/m));
  await until(() => metric(/^podrole_connections_shed_total [1-9]/m), 'it has no more than its share');
  for (const socket of sockets) socket.destroy();
  for (const id of ids) host.end(id);
  await until(() => metric(/^podrole_docker_sessions 0$/m), 'nothing is kept');
});

const HOSTILE: Readonly<Record<string, readonly [bytes: string, status: number]>> = {
  'two hosts': ['GET /v1/credentials HTTP/1.1\r\nHost: 169.254.170.2\r\nHost: evil.example\r\n\r\n', 403],
  'the name of another server': ['GET /v1/credentials HTTP/1.1\r\nHost: evil.example\r\n\r\n', 403],
  'container credentials by the address of instance metadata': [
    'GET /creds HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n',
    404,
  ],
  'a request that a proxy forwarded': [
    'GET /v2/credentials/1 HTTP/1.1\r\nHost: 169.254.170.2\r\nX-Forwarded-For: 127.0.0.41\r\n\r\n',
    403,
  ],
  'a path that only begins alike': ['GET /credsx HTTP/1.1\r\nHost: 169.254.170.2\r\n\r\n', 404],
  'the beginning of TLS': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
};

test('hostile requests get no credentials', async () => {
  const from = '127.0.0.61';
  const id = host.start({ name: 'hostile', address: from, env: { IAM_ROLE: 'php' } });
  assert.equal((await container(from)).status, 200);
  for (const [name, [bytes, status]] of Object.entries(HOSTILE)) {
    const { promise, resolve } = Promise.withResolvers<string>();
    let answer = '';
    connect({ host: '127.0.0.1', port: served.port, localAddress: from })
      .on('data', (chunk) => {
        answer += chunk.toString('latin1');
      })
      .on('error', () => {})
      .on('close', () => resolve(answer))
      .end(bytes, 'latin1');
    assert.equal((await promise).slice(0, 13), `HTTP/1.1 ${status} `, name);
    assert.ok(!answer.includes('SecretAccessKey'), name);
  }
  host.end(id);
});

test('a second podrole docker of this host says that there is another one', async () => {
  assert.doesNotMatch(served.log.text(), /another podrole serves this host/);
  const second = await host.serve({ metricsPort: new URL(served.metricsUrl).port }, env);
  assert.match(second.log.text(), /another podrole serves this host/);
  await second.stop();
});
