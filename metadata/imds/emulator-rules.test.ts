import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRoleArn } from '../../lib/arn.ts';
import { WORKLOADS } from '../../testing/agent/workload-of-agent.ts';
import { workloadFacts, workloadSession } from '../../testing/sidecar/workload.ts';

/**
 * "Rules for an emulator" by their numbers, as far as they concern paths; 4 and 7 are in imdsv2.test.ts, 5
 * and 6 with the session.
 */
const IAM = '/latest/meta-data/iam';
const ROLE = `${IAM}/security-credentials/web`;

for (const [server, workload] of Object.entries(WORKLOADS)) {
  describe(server, () => endpointTests(workload));
}

function endpointTests(workload: (typeof WORKLOADS)['sidecar']): void {
  async function text(path: string, asked = workload()): Promise<string> {
    const { status, headers, body } = await asked.ask('GET', path);
    assert.equal(status, 200, path);
    assert.equal(headers['Content-Type'], 'text/plain', path);
    return body;
  }

  async function status(path: string, asked = workload()): Promise<number> {
    return (await asked.ask('GET', path)).status;
  }

  test('rule 1: Expiration and LastUpdated have no milliseconds', async () => {
    const { Expiration, LastUpdated } = JSON.parse(await text(ROLE));
    assert.equal(Expiration, '2026-11-24T13:00:00Z', 'rounded down');
    assert.equal(LastUpdated, '2026-11-24T12:00:01Z');
    const container = await workload().ask('GET', '/v1/credentials');
    assert.equal(JSON.parse(container.body).Expiration, '2026-11-24T13:00:00Z');
  });

  describe('rule 2: the role list is the bare name without a newline', () => {
    for (const path of [`${IAM}/security-credentials`, `${IAM}/security-credentials/`]) {
      test(path, async () => assert.equal(await text(path), 'web'));
    }

    test('the name can be appended as it is, with and without a slash', async () => {
      const role = await text(`${IAM}/security-credentials/`);
      for (const base of [`${IAM}/security-credentials/`, `${IAM}/security-credentials//`]) {
        assert.equal(JSON.parse(await text(base + role)).Code, 'Success');
      }
    });

    test('the name of another role is 404', async () => {
      for (const name of [
        'WEB',
        'we',
        'webs',
        'web2',
        'team%2Fshop%2Fweb',
        'team/shop/web',
        '*',
        'web/x',
        '../../sidecar',
      ]) {
        assert.equal(await status(`${IAM}/security-credentials/${name}`), 404, name);
      }
    });

    test('a name that must be percent-encoded, or that only IAM allows', async () => {
      for (const name of ['a+b=c,d.e@f-g_h', '__proto__', 'constructor', '7', 'A'.repeat(64)]) {
        const asked = workload({ facts: { ...workloadFacts, role: { ...workloadFacts.role, name } } });
        assert.equal(await text(`${IAM}/security-credentials`, asked), name);
        for (const sent of [name, encodeURIComponent(name)]) {
          const document = await text(`${IAM}/security-credentials/${sent}`, asked);
          assert.equal(JSON.parse(document).Code, 'Success', sent);
        }
      }
    });
  });

  test('rule 3: the credentials document', async () => {
    assert.deepEqual(JSON.parse(await text(ROLE)), {
      Code: 'Success',
      LastUpdated: '2026-11-24T12:00:01Z',
      Type: 'AWS-HMAC',
      AccessKeyId: workloadSession.accessKeyId,
      SecretAccessKey: workloadSession.secretAccessKey,
      Token: workloadSession.sessionToken,
      Expiration: '2026-11-24T13:00:00Z',
    });
  });

  test('rule 8: iam/security-credentials-extended is 404', async () => {
    for (const end of ['', '/', '/web']) {
      assert.equal(await status(`${IAM}/security-credentials-extended${end}`), 404);
    }
  });

  describe('rule 9: what else SDKs and tools ask for', () => {
    const constants = {
      '/latest/meta-data/placement/availability-zone': 'eu-central-1a',
      '/latest/meta-data/placement/availability-zone-id': 'euc1-az2',
      '/latest/meta-data/placement/region': 'eu-central-1',
      '/latest/meta-data/instance-id': workload().instanceId,
    };
    for (const [path, expected] of Object.entries(constants)) {
      test(path, async () => {
        assert.equal(await text(path), expected);
        assert.equal(await text(`${path}/`), expected);
      });
    }

    test('the instance identity document', async () => {
      assert.deepEqual(JSON.parse(await text('/latest/dynamic/instance-identity/document')), {
        accountId: '123456789012',
        availabilityZone: 'eu-central-1a',
        instanceId: workload().instanceId,
        region: 'eu-central-1',
      });
    });

    test('iam/info', async () => {
      const { InstanceProfileId, ...rest } = JSON.parse(await text(`${IAM}/info`));
      assert.match(InstanceProfileId, /^AIPA[A-Z2-7]{17}$/);
      assert.deepEqual(rest, {
        Code: 'Success',
        LastUpdated: '2026-11-24T12:00:00Z',
        InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/team/shop/web',
      });
    });

    for (const [arn, profile] of [
      ['arn:minio:iam:::role/hash', 'arn:minio:iam:::instance-profile/hash'],
      ['arn:aws:iam:::role/team/web', 'arn:aws:iam:::instance-profile/team/web'],
      ['arn:aws:iam::tenant1:role/web', 'arn:aws:iam::tenant1:instance-profile/web'],
    ] as const) {
      test(`${arn}: no accountId, and a profile of the same account`, async () => {
        const role = parseRoleArn(arn) ?? assert.fail();
        const asked = workload({ facts: { ...workloadFacts, role } });
        assert.deepEqual(JSON.parse(await text('/latest/dynamic/instance-identity/document', asked)), {
          availabilityZone: 'eu-central-1a',
          instanceId: workload().instanceId,
          region: 'eu-central-1',
        });
        assert.equal(JSON.parse(await text(`${IAM}/info`, asked)).InstanceProfileArn, profile);
        assert.equal(await text(`${IAM}/security-credentials/`, asked), role.name);
      });
    }

    test('an unknown zone is the first one of the region; its id is 404, and not in a listing', async () => {
      const { availabilityZone, availabilityZoneId, ...rest } = workloadFacts;
      const asked = workload({ facts: { ...rest, region: 'us-gov-west-1', availabilityZone: '' } });
      assert.equal(await text('/latest/meta-data/placement', asked), 'availability-zone\nregion');
      const zone = await text('/latest/meta-data/placement/availability-zone', asked);
      assert.equal(zone, 'us-gov-west-1a');
      // As fog-aws and the SDK for C++ read the region.
      assert.equal(zone.slice(0, -1), await text('/latest/meta-data/placement/region', asked));
      assert.equal(await status('/latest/meta-data/placement/availability-zone-id', asked), 404);
      const document = JSON.parse(await text('/latest/dynamic/instance-identity/document', asked));
      assert.equal(document.availabilityZone, zone);
    });
  });

  test('anything not emulated is 404', async () => {
    const names = ['hostname', 'local-ipv4', 'mac', 'network', 'public-keys', 'ami-id', 'spot', 'tags'];
    const paths = [
      '/latest/user-data',
      '/latest/api',
      '/openstack',
      '/computeMetadata/v1',
      '/metadata/instance',
    ];
    for (const path of [...names.map((name) => `/latest/meta-data/${name}`), ...paths]) {
      assert.equal(await status(path), 404, path);
    }
  });

  test('another method is 405 on a path that exists, else 404; HEAD is like GET', async () => {
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'get', '']) {
      const { status: answered, headers } = await workload().ask(method, ROLE);
      assert.deepEqual([answered, headers['Allow']], [405, 'GET, HEAD'], method);
      assert.equal((await workload().ask(method, `${ROLE}2`)).status, 404, method);
    }
    assert.deepEqual(await workload().ask('HEAD', ROLE), await workload().ask('GET', ROLE));
  });
}
