import {
  CHAIN_ACCOUNT,
  CHAIN_CONDITION,
  CHAIN_KEY,
  CHAIN_PROVIDER,
  CHAIN_SUBJECT,
  chainStatement,
} from './aws-chain.ts';

const SUB = `${CHAIN_KEY}:sub`;
const AUD = `${CHAIN_KEY}:aud`;
const STS = { [AUD]: 'sts.amazonaws.com' };
const equals = (keys: object) => chainStatement({ Condition: { StringEquals: keys } });
const subject = (value: string | readonly string[]) => equals({ [SUB]: value, ...STS });
const federated = (Federated: string) => chainStatement({ Principal: { Federated } });
const ofIssuer = (hostPath: string) => federated(`arn:aws:iam::${CHAIN_ACCOUNT}:oidc-provider/${hostPath}`);
const OTHER = 'system:serviceaccount:shop:api';
const DENY = { Effect: 'Deny' };
const EC2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };

/** A trust policy that does not let in shop/web, by its statements. */
type TrustCase = readonly [name: string, statements: readonly object[], code: string];

/** Trust policies that do not let in shop/web, each with the finding that explains it. */
export const REFUSING_POLICIES: readonly TrustCase[] = [
  ['for the instances of EC2', [EC2], 'TRUST_POLICY_NO_STATEMENT'],
  [
    'for EKS Pod Identity',
    [{ ...EC2, Principal: { Service: 'pods.eks.amazonaws.com' } }],
    'TRUST_POLICY_NO_STATEMENT',
  ],
  [
    'only a Deny of others',
    [chainStatement({ ...DENY, Condition: { StringEquals: { [SUB]: OTHER } } })],
    'TRUST_POLICY_NO_STATEMENT',
  ],
  ['another namespace', [subject('system:serviceaccount:stage:web')], 'TRUST_POLICY_WRONG_SUBJECT'],
  ['another name', [subject(OTHER)], 'TRUST_POLICY_WRONG_SUBJECT'],
  ['several others', [subject([OTHER, 'system:serviceaccount:a:b'])], 'TRUST_POLICY_WRONG_SUBJECT'],
  ['no prefix', [subject('shop:web')], 'TRUST_POLICY_WRONG_SUBJECT'],
  [
    'a pattern of others',
    [
      chainStatement({
        Condition: { StringLike: { [SUB]: 'system:serviceaccount:stage:*' }, StringEquals: STS },
      }),
    ],
    'TRUST_POLICY_WRONG_SUBJECT',
  ],
  [
    'everybody but this one',
    [chainStatement({ Condition: { StringNotEquals: { [SUB]: CHAIN_SUBJECT }, StringEquals: STS } })],
    'TRUST_POLICY_WRONG_SUBJECT',
  ],
  ['* under StringEquals', [subject('system:serviceaccount:shop:*')], 'TRUST_POLICY_LITERAL_WILDCARD'],
  ['? under StringEquals', [subject('system:serviceaccount:shop:we?')], 'TRUST_POLICY_LITERAL_WILDCARD'],
  [
    '* under StringEqualsIgnoreCase',
    [chainStatement({ Condition: { StringEqualsIgnoreCase: { [SUB]: '*', ...STS } } })],
    'TRUST_POLICY_LITERAL_WILDCARD',
  ],
  ['* of another namespace', [subject('system:serviceaccount:stage:*')], 'TRUST_POLICY_WRONG_SUBJECT'],
  [
    'https:// in the key',
    [equals({ [`https://${SUB}`]: CHAIN_SUBJECT, ...STS })],
    'TRUST_POLICY_MISSPELT_KEY',
  ],
  [
    'an ARN in the key',
    [equals({ [`${CHAIN_PROVIDER}:sub`]: CHAIN_SUBJECT, ...STS })],
    'TRUST_POLICY_MISSPELT_KEY',
  ],
  [
    'https:// in both keys',
    [equals({ [`https://${SUB}`]: CHAIN_SUBJECT, [`https://${AUD}`]: 'sts.amazonaws.com' })],
    'TRUST_POLICY_MISSPELT_KEY',
  ],
  ['no issuer in the key', [equals({ sub: CHAIN_SUBJECT, ...STS })], 'TRUST_POLICY_MISSPELT_KEY'],
  [
    'the key of another issuer',
    [equals({ 'example.org:sub': CHAIN_SUBJECT, ...STS })],
    'TRUST_POLICY_KEY_OF_OTHER_ISSUER',
  ],
  [
    'a slash in the key',
    [equals({ [`${CHAIN_KEY}/:sub`]: CHAIN_SUBJECT, ...STS })],
    'TRUST_POLICY_KEY_OF_OTHER_ISSUER',
  ],
  ['another audience', [equals({ [SUB]: CHAIN_SUBJECT, [AUD]: 'vault' })], 'TRUST_POLICY_WRONG_AUDIENCE'],
  [
    'subject and audience of others',
    [equals({ [SUB]: OTHER, [AUD]: 'vault' })],
    'TRUST_POLICY_WRONG_AUDIENCE',
  ],
  [
    'until yesterday',
    [
      chainStatement({
        Condition: { ...CHAIN_CONDITION, DateLessThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
      }),
    ],
    'TRUST_POLICY_CONDITION_FAILED',
  ],
  [
    'with MFA',
    [
      chainStatement({
        Condition: { StringEquals: { ...CHAIN_CONDITION.StringEquals, [`${CHAIN_KEY}:amr`]: 'mfa' } },
      }),
    ],
    'TRUST_POLICY_CONDITION_FAILED',
  ],
  ['sts:AssumeRole', [chainStatement({ Action: 'sts:AssumeRole' })], 'TRUST_POLICY_WRONG_ACTION'],
  ['only sts:TagSession', [chainStatement({ Action: ['sts:TagSession'] })], 'TRUST_POLICY_WRONG_ACTION'],
  [
    'every other action',
    [{ ...chainStatement({ Action: undefined }), NotAction: 'sts:AssumeRoleWithWebIdentity' }],
    'TRUST_POLICY_WRONG_ACTION',
  ],
  [
    'the provider of another account',
    [federated(`arn:aws:iam::999999999999:oidc-provider/${CHAIN_KEY}`)],
    'TRUST_POLICY_OTHER_ACCOUNT',
  ],
  [
    'the provider in another partition',
    [federated(`arn:aws-cn:iam::${CHAIN_ACCOUNT}:oidc-provider/${CHAIN_KEY}`)],
    'TRUST_POLICY_OTHER_ACCOUNT',
  ],
  [
    'the provider of another cluster',
    [ofIssuer('oidc.eks.eu-west-1.amazonaws.com/id/ABC')],
    'TRUST_POLICY_OTHER_ISSUER',
  ],
  ['a slash at the end of the provider', [ofIssuer(`${CHAIN_KEY}/`)], 'TRUST_POLICY_OTHER_ISSUER'],
  ['one character off', [ofIssuer('oidc.example.test/0ne')], 'TRUST_POLICY_OTHER_ISSUER'],
  ['the issuer in place of the ARN', [federated(CHAIN_KEY)], 'TRUST_POLICY_OTHER_ISSUER'],
  [
    'the closest of several',
    [EC2, subject(OTHER), ofIssuer('example.org'), equals({ [`https://${SUB}`]: CHAIN_SUBJECT })],
    'TRUST_POLICY_MISSPELT_KEY',
  ],
  [
    'one for another and one of another cluster',
    [ofIssuer('example.org'), subject(OTHER)],
    'TRUST_POLICY_WRONG_SUBJECT',
  ],
];
