import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { DEFAULT_SIDECAR_PORT } from '../../lib/contract/podrole.ts';
import type { ServerProcess } from '../../testing/processes/server-process.ts';
import { describeRequests } from './describe-requests.ts';
import { installedSdks } from './installed.ts';
import { redirectMetadata } from './metadata-network.ts';
import { startRecorder } from './recorder.ts';
import { renderSdksPage, type SdkResult } from './results-page.ts';
import { startRoleOnRadosgw } from './role-on-radosgw.ts';
import { startClient } from './run-client.ts';
import { type Sdk, sdksIn } from './sdks.ts';
import { LEADING_TO, startSidecar } from './start-sidecar.ts';

/**
 * Unmodified SDKs with `podrole sidecar`: each gets an object from a third-party server in every mode that it
 * supports. To rewrite docs/sdks.md, then look at the difference:
 *
 *     UPDATE_GOLDEN=1 e2e/run e2e/sdks/sdks.test.ts
 */
const PAGE = new URL('../../docs/sdks.md', import.meta.url);
/** The recorder listens at the sidecar's usual address. */
const SIDECAR_PORT = 9921;

interface Mode {
  readonly mode: string;
  readonly heading: string;
  readonly imdsv2: 'optional' | 'required';
  readonly by: keyof typeof LEADING_TO;
  readonly isKnownTo: (sdk: Sdk) => boolean;
  readonly serves: (sdk: Sdk) => boolean;
}

const MODES: readonly Mode[] = [
  {
    mode: 'metadata',
    heading: 'instance metadata',
    imdsv2: 'optional',
    by: 'metadata',
    isKnownTo: () => true,
    serves: () => true,
  },
  {
    mode: 'relative',
    heading: '`…_RELATIVE_URI`',
    imdsv2: 'optional',
    by: 'relativeUri',
    isKnownTo: ({ relativeUri }) => relativeUri,
    serves: () => true,
  },
  {
    mode: 'full',
    heading: '`…_FULL_URI`',
    imdsv2: 'optional',
    by: 'fullUri',
    isKnownTo: ({ fullUri }) => fullUri,
    serves: () => true,
  },
  {
    mode: 'required',
    heading: 'metadata, `--imdsv2 required`',
    imdsv2: 'required',
    by: 'metadata',
    isKnownTo: () => true,
    serves: ({ imds }) => imds === 'v2',
  },
  {
    mode: 'full-required',
    heading: '`…_FULL_URI`, `--imdsv2 required`',
    imdsv2: 'required',
    by: 'fullUri',
    isKnownTo: ({ fullUri }) => fullUri,
    serves: () => true,
  },
];

const sdks = sdksIn(installedSdks(process.env['PODROLE_E2E_SDKS']));
const role = await startRoleOnRadosgw();
after(() => role.stop());
const recorder = await startRecorder(DEFAULT_SIDECAR_PORT, SIDECAR_PORT);
after(() => recorder.stop());
after(await redirectMetadata());
const results: SdkResult[] = [];

test('the object is not readable without the session', async () => {
  const { endpoint, bucket, key } = role.object;
  // For an unknown user radosgw reports that the bucket does not exist.
  assert.equal((await fetch(`${endpoint}/${bucket}/${key}`)).status, 404);
});

for (const imdsv2 of ['optional', 'required'] as const) {
  describe(`with a sidecar to which IMDSv2 is ${imdsv2}`, () => {
    let sidecar: ServerProcess;
    test('the sidecar has a session', async () => {
      const flags = ['--port', `${SIDECAR_PORT}`, '--imdsv2', imdsv2];
      sidecar = await startSidecar(role, role.object.endpoint, flags);
    });
    for (const mode of MODES.filter((each) => each.imdsv2 === imdsv2)) {
      for (const sdk of sdks.filter(mode.isKnownTo)) {
        test(`${mode.mode}: ${sdk.name}`, () => tryOut(sdk, mode));
      }
    }
    test('the sidecar exchanged the token once for all SDKs, and ends on SIGTERM', async () => {
      assert.equal(sidecar.lines.filter(({ msg }) => msg === 'session obtained').length, 1);
      assert.equal(await sidecar.stop('SIGTERM'), 0);
    });
    after(() => sidecar.stop('SIGKILL'));
  });
}

test('docs/sdks.md equals the results', () => {
  const ordered = sdks.flatMap(({ name }) => results.filter(({ sdk }) => sdk === name));
  const page = renderSdksPage(MODES, ordered);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(PAGE, page);
  assert.equal(readFileSync(PAGE, 'utf8'), page);
});

async function tryOut(sdk: Sdk, { mode, by, serves }: Mode): Promise<void> {
  const client = await startClient(sdk, role.object, LEADING_TO[by](role.tokenFile));
  await client.get();
  const { code, stdout, stderr } = await client.end();
  const recorded = await recorder.take();
  const requests = describeRequests(recorded, 'shop-web');
  const got = code === 0 && stdout === role.content;
  results.push({ sdk: sdk.name, mode, got, requests });
  assert.equal(got, serves(sdk), `asked: ${requests}\n${stdout}${stderr}`);
  assert.notEqual(requests, '', 'requests to the sidecar');
  if (!serves(sdk))
    assert.ok(
      recorded.every(({ status }) => status === 401 || status === 404),
      requests,
    );
}
