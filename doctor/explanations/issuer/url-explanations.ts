import { NO_KEY, NO_PROVIDER, NOT_VALIDATED } from '../aws/sts-texts.ts';
import type { Explanations } from '../explanation.ts';

export const urlExplanations = {
  ISSUER_INVALID: {
    link: 'issuer',
    title: 'The issuer is not an https URL',
    errors: [NO_PROVIDER, NOT_VALIDATED],
    happened:
      'The API server signs tokens for an issuer without https, or with a query, a fragment or a user name. No verifier of OpenID Connect accepts it.',
    remedy:
      'Start every kube-apiserver with a public https URL as the first `--service-account-issuer`, and the old issuer as the second. docs/issuer.md says where, and `podrole up` prints it for your cluster. Then restart the pods.',
  },
  ISSUER_REFUSED_BY_IAM: {
    link: 'issuer',
    title: 'IAM refuses the URL of the issuer, for example for its port',
    errors: [NO_PROVIDER, 'ValidationError'],
    happened:
      'IAM accepts no OIDC provider whose URL has a port or more than 255 characters, so no provider can exist for these tokens. Ceph radosgw accepts a port.',
    remedy:
      'Serve the issuer on port 443 under a short URL, and start every kube-apiserver with it as the first `--service-account-issuer`.',
  },
  ISSUER_IN_CLUSTER: {
    link: 'issuer',
    title: 'The issuer is a name inside the cluster',
    errors: [NO_KEY, NO_PROVIDER, NOT_VALIDATED],
    happened:
      'The issuer is the default of kubeadm and others, `https://kubernetes.default.svc.cluster.local`. No STS outside of the cluster can fetch its keys.',
    remedy:
      'Choose a public https URL, publish the keys there with `podrole publish`, and start every kube-apiserver with it as the first `--service-account-issuer`. `podrole up` does it in one plan.',
  },
  ISSUER_PRIVATE: {
    link: 'issuer',
    title: 'The host of the issuer is not on the internet',
    errors: [NO_KEY, NOT_VALIDATED],
    happened:
      'The name or the address of the issuer belongs to a private network. STS of AWS fetches the keys from the internet. An STS of your own may reach it: then this is only a warning.',
    remedy:
      'Publish both documents at a public https URL, such as a bucket. If the name has a public address that this machine does not see, give it with `--verify-connect-to`.',
  },
  ISSUER_SPELLING: {
    link: 'issuer',
    title: 'The issuer is easy to misspell',
    errors: [NO_PROVIDER],
    happened:
      'STS compares issuers character by character. A slash at the end, a capital letter or a double slash gets lost on the way to IAM or into the discovery document.',
    remedy:
      'Write it the same in the API server, in both documents and in IAM, or choose an issuer in small letters without a slash at its end.',
  },
} as const satisfies Explanations;
