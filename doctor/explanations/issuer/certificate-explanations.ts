import { NO_CONTACT, NOT_VALIDATED, OTHER_THUMBPRINT } from '../aws/sts-texts.ts';
import type { Explanations } from '../explanation.ts';

export const certificateExplanations = {
  CERTIFICATE_EXPIRED: {
    link: 'certificate',
    title: 'The certificate of the issuer has expired',
    errors: [NO_CONTACT, NOT_VALIDATED, 'certificate has expired'],
    happened:
      'The certificate of the web server, or one of a CA in its chain, is not valid today. STS does not fetch keys from such a server, whatever its thumbprint is.',
    remedy: 'Renew the certificate, and reload the web server.',
  },
  CERTIFICATE_EXPIRES_SOON: {
    link: 'certificate',
    title: 'The certificate of the issuer expires within a week',
    errors: [],
    happened: 'Certificates are usually renewed a month ahead. This one was not.',
    remedy: 'Renew the certificate, and look why that does not happen by itself.',
  },
  CERTIFICATE_WRONG_NAME: {
    link: 'certificate',
    title: 'The certificate of the issuer is for another host',
    errors: [NO_CONTACT, NOT_VALIDATED, "Hostname/IP does not match certificate's altnames"],
    happened:
      'The web server answers for the host of the issuer with the certificate of another name: often with its default one.',
    remedy: 'Serve a certificate with the name of the host.',
  },
  CERTIFICATE_THUMBPRINT: {
    link: 'certificate',
    title: 'The thumbprint in IAM is not that of the issuer',
    errors: [OTHER_THUMBPRINT, NOT_VALIDATED],
    happened:
      'The certificate is from a CA that AWS does not trust. Then one of the thumbprints of the OIDC provider must be that of a served certificate, and none is: the certificate was replaced, or the thumbprint was taken from another one.',
    remedy:
      'Add the thumbprint of the served chain: `podrole provider ensure --approve`. With a certificate of a public CA, IAM ignores thumbprints.',
  },
  CERTIFICATE_INCOMPLETE: {
    link: 'certificate',
    title: 'The issuer does not serve its intermediate certificate',
    errors: [OTHER_THUMBPRINT, NOT_VALIDATED, 'unable to verify the first certificate'],
    happened:
      'The web server sends only its own certificate. Browsers find the intermediate one elsewhere, but STS does not, and no thumbprint of the OIDC provider matches.',
    remedy:
      'Serve the whole chain, for example `fullchain.pem` and not `cert.pem`. If the CA is your own, add its thumbprint: `podrole provider ensure --approve`.',
  },
  CERTIFICATE_PRIVATE_CA: {
    link: 'certificate',
    title: 'The certificate of the issuer is from a CA of your own',
    errors: [OTHER_THUMBPRINT],
    happened:
      'IAM needs a thumbprint of the served chain, and has none. An STS of your own must trust the CA.',
    remedy:
      'Create the OIDC provider with `podrole provider ensure --approve`, which adds the thumbprint, or use a certificate of a public CA.',
  },
} as const satisfies Explanations;
