import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeIssuer } from '../../oidc/verify/judge-issuer.ts';
import { issuerInstructions } from './instructions.ts';
import { suggestIssuer } from './suggest-issuer.ts';

const AWS = { allowPort: false, allowPrivate: false };
const PRIVATE = { ...AWS, allowPrivate: true };

for (const [issuer, rules, problem] of [
  ['https://podrole-keys.s3.eu-west-1.amazonaws.com', AWS, undefined],
  ['https://oidc.example.com/clusters/one', AWS, undefined],
  ['https://oidc.eks.eu-west-1.amazonaws.com/id/ABC', AWS, undefined],
  ['https://[2a00::1]', AWS, undefined],
  ['', AWS, /not a URL that begins with https/],
  ['kubernetes/serviceaccount', AWS, /not a URL/],
  ['http://oidc.example.com', AWS, /https/],
  ['https://oidc.example.com?x=1', AWS, /query/],
  ['https://oidc.example.com:8443', AWS, /port/],
  ['https://oidc.example.com:8443', { ...AWS, allowPort: true }, undefined],
  ['https://kubernetes.default.svc', AWS, /inside the cluster/],
  ['https://kubernetes.default.svc.cluster.local', PRIVATE, /inside the cluster/],
  ['https://10.0.0.1', AWS, /cannot reach/],
  ['https://[fd00::1]', AWS, /cannot reach/],
  ['https://localhost', AWS, /cannot reach/],
  ['https://keys', AWS, /cannot reach/],
  ['https://keys.corp.internal', AWS, /cannot reach/],
  ['https://keys.corp.internal', PRIVATE, undefined],
] as const) {
  test(`issuer ${issuer || '(none)'}: ${problem ?? 'usable'}`, () => {
    const found = judgeIssuer(issuer, rules)?.problem;
    if (problem) assert.match(found ?? '', problem);
    else assert.equal(found, undefined);
  });
}

for (const [to, region, endpoint, issuer] of [
  ['s3://keys', 'eu-west-1', undefined, 'https://keys.s3.eu-west-1.amazonaws.com'],
  ['s3://keys/one/', 'eu-west-1', undefined, 'https://keys.s3.eu-west-1.amazonaws.com/one'],
  ['s3://keys.example.com', 'eu-west-1', undefined, 'https://s3.eu-west-1.amazonaws.com/keys.example.com'],
  ['s3://keys', 'cn-north-1', undefined, 'https://keys.s3.cn-north-1.amazonaws.com.cn'],
  ['s3://keys', undefined, undefined, 'https://keys.s3.REGION.amazonaws.com'],
  ['s3://keys', 'eu-west-1', 'https://ceph.example.com', 'https://oidc.example.com'],
  ['/srv/www', 'eu-west-1', undefined, 'https://oidc.example.com'],
  [undefined, undefined, undefined, 'https://oidc.example.com'],
] as const) {
  test(`the issuer of ${to} in ${region} at ${endpoint ?? 'AWS'}`, () => {
    assert.equal(suggestIssuer(to, region, endpoint).issuer, issuer);
  });
}

test('a prefix becomes the path of the issuer, and --to the bucket', () => {
  assert.equal(suggestIssuer('s3://keys/one', 'eu-west-1', undefined).to, 's3://keys');
});

for (const kind of ['kubeadm', 'k3s', 'rke2', 'kind', 'unknown'] as const) {
  test(`${kind}: the new issuer comes first, the old one stays`, () => {
    const said = issuerInstructions(kind, 'https://new.example.com', 'https://old').join('\n');
    assert.ok(said.indexOf('https://new.example.com') < said.indexOf('https://old'), said);
    const first = issuerInstructions(kind, 'https://new.example.com', undefined).join('\n');
    assert.doesNotMatch(first, /undefined|old/);
  });
}
