import type { ClusterKind } from './cluster-kind.ts';

/**
 * Returns what to change so that the API servers of a cluster sign for another issuer, and still accept
 * tokens of the old one.
 * @param old undefined if the API server has none
 */
export function issuerInstructions(
  kind: ClusterKind,
  issuer: string,
  old: string | undefined,
): readonly string[] {
  const issuers = old === undefined ? [issuer] : [issuer, old];
  const flags = issuers.map((each) => `--service-account-issuer=${each}`);
  switch (kind) {
    case 'kubeadm':
      return [
        'On every control plane node, in /etc/kubernetes/manifests/kube-apiserver.yaml, in this order:',
        ...flags.map((flag) => `  - ${flag}`),
        'Set the same in the ConfigMap kubeadm-config of kube-system: kubeadm writes the manifest again.',
      ];
    case 'k3s':
    case 'rke2':
      return [
        `On every server, in /etc/rancher/${kind}/config.yaml, then restart ${kind === 'k3s' ? 'k3s' : 'rke2-server'}:`,
        '  kube-apiserver-arg:',
        ...issuers.map((each) => `    - service-account-issuer=${each}`),
      ];
    case 'kind':
      return [
        'Create the kind cluster again with this kubeadm patch (kubeadm.k8s.io/v1beta4):',
        '  apiServer:',
        '    extraArgs:',
        ...issuers.flatMap((each) => ['      - name: service-account-issuer', `        value: ${each}`]),
      ];
    case 'minikube':
      return [
        'Start the cluster with:',
        `  minikube start --extra-config=apiserver.service-account-issuer=${issuer}`,
      ];
    case 'kops':
      return [
        'In the cluster spec (kops edit cluster); kOps then publishes the keys too, so leave out --to:',
        '  serviceAccountIssuerDiscovery:',
        '    discoveryStore: s3://BUCKET/PREFIX',
        '    enableAWSOIDCProvider: true',
      ];
    case 'eks':
      return ['EKS sets a public issuer: use a kubeconfig that leads to its API server and not to a proxy.'];
    case 'unknown':
      return ['On every kube-apiserver, in this order:', ...flags.map((flag) => `  ${flag}`)];
  }
}
