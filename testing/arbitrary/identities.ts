import fc from 'fast-check';
import type { PodIdentity, ProjectedToken, SidecarRequest } from '../../identity/pod-identity.ts';
import { CONTAINERS } from './pods.ts';

const text = (...values: string[]) => fc.constantFrom(...values);

function token(volumeName: string): fc.Arbitrary<ProjectedToken> {
  return fc.record({
    volumeName: fc.constant(volumeName),
    audience: text('sts', 'other'),
    expirationSeconds: text('600', '3600').map(Number),
    path: fc.constant('token'),
  });
}
const roleArn = text('arn:aws:iam::111122223333:role/one', 'arn:aws:iam::111122223333:role/two');
const target = fc.record({ roleArn: text('arn:aws:iam::444455556666:role/t'), hasSessionTags: fc.boolean() });
const grant = fc.record({
  roleArn,
  token: token('aws-iam-token'),
  target: fc.option(target, { nil: undefined, freq: 3 }),
});
const common = {
  namespace: fc.constant('shop'),
  serviceAccountName: fc.constant('web'),
  mountPath: text('/token', '/var/run/x'),
  region: text('', 'eu-west-1'),
  regionalSts: fc.boolean(),
  endpoints: fc.record({
    stsEndpointUrl: fc.option(text('https://sts.example.test', 'http://10.0.0.1:8000'), { nil: undefined }),
    s3EndpointUrl: fc.option(text('https://s3.example.test'), { nil: undefined }),
    caBundle: fc.option(
      fc.record({ configMap: text('kube-root-ca.crt', 'corporate'), key: text('ca.crt', 'all.pem') }),
      { nil: undefined },
    ),
  }),
  skipContainers: fc.subarray(CONTAINERS, { maxLength: 2 }),
  includeContainers: fc.option(fc.subarray(CONTAINERS), { nil: undefined, freq: 4 }),
  containerLists: fc.constantFrom([], [{ annotation: 'skip', names: ['a', 'g', 'istio-proxy', ' b', ''] }]),
};
/** Without the modes that depend on the record in the pod. */
const sidecar: fc.Arbitrary<SidecarRequest> = fc.record({
  mode: fc.constantFrom('credentials' as const, 'metadata' as const, 'agent' as const),
  origin: fc.constant('podrole.dev/sidecar'),
  settings: fc.record({
    sidecarImage: text('podrole:1', 'podrole:2'),
    sidecarMode: fc.constantFrom('native' as const, 'container' as const),
    sidecarPort: fc.constantFrom(9_911, 19_911),
    sidecarMetricsPort: fc.constant(9_912),
    sidecarImdsv2: fc.constantFrom('optional' as const, 'required' as const),
    sidecarHttpsProxy: text('', 'http://proxy.example.test:3128'),
    sidecarNoProxy: text('', '.svc'),
    sidecarCpuRequest: text('', '10m'),
    sidecarMemoryRequest: text('', '32Mi'),
    sidecarCpuLimit: fc.constant(''),
    sidecarMemoryLimit: text('', '128Mi'),
    sidecarDefault: fc.constant('none' as const),
    clusterName: text('', 'prod'),
  }),
});
const webIdentity = fc.record({
  ...common,
  kind: fc.constant('web-identity' as const),
  role: fc.option(grant, { nil: undefined, freq: 4 }),
  containerRoles: fc.oneof(
    fc.constant([]),
    fc
      .record({ container: fc.constant('b'), roleArn, token: token('aws-iam-token-b') })
      .map((role) => [role]),
  ),
  sessionName: fc.constantFrom(undefined, 'pod' as const, { name: 'shop-web' }),
});

/** Identities with a sidecar. */
export const sidecarIdentities: fc.Arbitrary<PodIdentity & { readonly sidecar: SidecarRequest }> = fc
  .tuple(webIdentity, sidecar)
  .map(([identity, request]) => ({ ...identity, sidecar: request }));

/** Identities for such pods, in namespace `shop`. */
export const identities: fc.Arbitrary<PodIdentity> = fc.oneof(
  webIdentity,
  sidecarIdentities,
  fc.record({
    ...common,
    kind: fc.constant('container-credentials' as const),
    token: token('eks-pod-identity-token'),
    fullUri: fc.constant('http://169.254.170.23/v1/credentials'),
  }),
);
