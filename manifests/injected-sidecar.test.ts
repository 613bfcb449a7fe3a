import assert from 'node:assert/strict';
import { test } from 'node:test';
import { injectedSidecarSettings } from '../identity/settings/sidecar-settings.ts';
import { asArray, asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { flagName, readSettings, type SettingsTable } from '../lib/settings/settings.ts';
import { mutatePod } from '../pods/mutate-pod.ts';
import { fieldPathOf } from '../pods/pod-parts.ts';
import { redirectSettings } from '../redirect/settings.ts';
import { probeSettings, sidecarSettings } from '../sidecar/settings.ts';
import { workload, workloadSession } from '../testing/sidecar/workload.ts';

// The webhook does not import the code of the sidecar. These tests check that the commands accept the
// settings that the webhook writes into a pod.
const ROLE = 'arn:aws:iam::111122223333:role/web';

for (const sidecarMode of ['native', 'container'] as const) {
  test(`the commands accept the settings in a pod with a ${sidecarMode} sidecar, and find role, token, region and ports there`, () => {
    const given = {
      sidecarImage: 'podrole:1',
      sidecarMode,
      sidecarPort: '19911',
      sidecarMetricsPort: '19912',
    };
    const containers = injected(given);
    const sidecar = containers.find(({ name }) => name === 'podrole-sidecar') ?? {};
    const { roleArn, tokenFile, region, availabilityZone, sessionName, port, metricsPort, shutdownDelay } =
      settingsOf(sidecarSettings, 'sidecar', sidecar, { region: 'eu-central-1', zone: 'eu-central-1a' });
    assert.equal(roleArn.arn, ROLE);
    assert.equal(tokenFile, '/token/token');
    assert.deepEqual([region, availabilityZone], ['eu-central-1', 'eu-central-1a']);
    assert.equal(sessionName, 'shop.web-1');
    assert.deepEqual([port, metricsPort], [19_911, 19_912]);
    assert.equal(shutdownDelay, sidecarMode === 'native' ? 0 : 15_000);

    const probe = asArray(asObject(asObject(sidecar['startupProbe'])?.['exec'])?.['command']) ?? [];
    assert.equal(settingsOf(probeSettings, 'probe', { command: probe }, {}).metricsPort, metricsPort);

    const redirect = containers.find(({ name }) => name === 'podrole-redirect') ?? {};
    assert.equal(settingsOf(redirectSettings, 'redirect', redirect, {}).port, port);
  });
}

test('a pod without topology labels leaves the zone unsaid, and its region is what the containers say', () => {
  const sidecar =
    injected({ sidecarImage: 'podrole:1' }).find(({ name }) => name === 'podrole-sidecar') ?? {};
  const own = {
    ...sidecar,
    env: [...(asArray(sidecar['env']) ?? []), { name: 'AWS_REGION', value: 'us-east-2' }],
  };
  const settings = settingsOf(sidecarSettings, 'sidecar', own, {});
  assert.deepEqual([settings.region, settings.availabilityZone], ['us-east-2', undefined]);
});

test('the other containers ask for the path that the sidecar serves, and show it the token that it has', () => {
  const containers = injected({ sidecarImage: 'podrole:1', sidecarPort: '19911' });
  const container = (called: string) => containers.find(({ name }) => name === called) ?? {};
  const { port, credentialsPath, authorizationTokenFile, tokenFile } = settingsOf(
    sidecarSettings,
    'sidecar',
    container('podrole-sidecar'),
    { region: 'eu-central-1' },
  );
  assert.equal(credentialsPath, `/v1/credentials/${POD_UID}`);
  assert.equal(authorizationTokenFile, tokenFile);
  const env = environmentOf(container('app'), {});
  assert.equal(env['AWS_CONTAINER_CREDENTIALS_FULL_URI'], `http://127.0.0.1:${port}${credentialsPath}`);
  assert.equal(env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'], authorizationTokenFile);
});

test('a forged GET gets nothing from a sidecar for credentials, whatever the webhook says of IMDSv2', async () => {
  for (const sidecarImdsv2 of ['optional', 'required']) {
    const containers = injected({ sidecarImage: 'podrole:1', sidecarImdsv2 }, 'credentials');
    const sidecar = containers.find(({ name }) => name === 'podrole-sidecar') ?? {};
    const settings = settingsOf(sidecarSettings, 'sidecar', sidecar, { region: 'eu-central-1' });
    const { ask } = workload({
      imdsv2: settings.imdsv2,
      access: { secretPath: settings.credentialsPath, authorization: () => ['the token'], isOpen: false },
    });
    const paths = ['/v1/credentials', '/latest/meta-data/', '/latest/meta-data/iam/security-credentials/web'];
    for (const host of ['127.0.0.1:9911', '169.254.169.254', '169.254.170.2', '169.254.170.23']) {
      for (const path of paths) {
        const { status, body } = await ask('GET', path, { host });
        assert.ok([401, 403, 404].includes(status), `${host}${path}: ${status}`);
        assert.ok(!body.includes(workloadSession.secretAccessKey), `${host}${path}`);
      }
    }
  }
});

const POD_UID = '5f0c1f6e-7d0a-4c58-9a55-0f1b2c3d4e5f';

/** The containers of a pod that asks for the sidecar, of whichever list. */
function injected(
  given: Readonly<Record<string, string>>,
  mode: 'credentials' | 'metadata' = 'metadata',
): readonly JsonObject[] {
  const pod = { metadata: { name: 'web-1' }, spec: { containers: [{ name: 'app' }] } };
  const token = { volumeName: 'aws-iam-token', audience: 'sts', expirationSeconds: 600, path: 'token' };
  const mutated = mutatePod(pod, {
    kind: 'web-identity',
    namespace: 'shop',
    serviceAccountName: 'web',
    mountPath: '/token',
    region: '',
    regionalSts: true,
    endpoints: { stsEndpointUrl: undefined, s3EndpointUrl: undefined, caBundle: undefined },
    skipContainers: [],
    containerLists: [],
    includeContainers: undefined,
    role: { roleArn: ROLE, token },
    containerRoles: [],
    sessionName: 'pod',
    sidecar: {
      mode,
      origin: '--sidecar-default',
      settings: readSettings(injectedSidecarSettings, given, {}),
    },
  });
  const spec = asObject(mutated.pod['spec']);
  const all = [...(asArray(spec?.['initContainers']) ?? []), ...(asArray(spec?.['containers']) ?? [])];
  return all.map((container) => asObject(container) ?? {});
}

/** Reads the settings of a container's command from its command line and environment. */
function settingsOf<Table extends SettingsTable>(
  table: Table,
  command: string,
  container: JsonObject,
  labels: { readonly region?: string; readonly zone?: string },
) {
  const line = [...(asArray(container['command']) ?? []), ...(asArray(container['args']) ?? [])].map(String);
  assert.deepEqual(line.slice(0, 2), ['podrole', command]);
  const given: Record<string, string> = {};
  for (const argument of line.slice(2)) {
    const [flag = '', value = 'true'] = argument.replace('--', '').split('=', 2);
    const name = Object.keys(table).find((candidate) => flagName(candidate) === flag);
    assert.ok(name, `podrole ${command} has no ${argument}`);
    given[name] = value;
  }
  return readSettings(table, given, environmentOf(container, labels));
}

/** A container's variables as kubelet makes them. */
function environmentOf(
  container: JsonObject,
  labels: { readonly region?: string; readonly zone?: string },
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const variable of (asArray(container['env']) ?? []).map((item) => asObject(item) ?? {})) {
    const label = asText(variable['name'])?.endsWith('_ZONE') ? labels.zone : labels.region;
    const field = asText(fieldPathOf(variable));
    const value = asText(variable['value']) ?? (field === 'metadata.uid' ? POD_UID : (label ?? ''));
    // As kubelet does it: what stands before it in the list is put in.
    env[String(variable['name'])] = value.replace(/\$\((\w+)\)/g, (whole, name) => env[name] ?? whole);
  }
  return env;
}
