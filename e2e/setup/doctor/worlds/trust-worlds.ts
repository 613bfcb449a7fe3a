import { GetRoleCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { type DoctorSite, ISSUER_HOST, ROLE_NAME } from '../doctor-site.ts';
import type { World } from '../world.ts';

type Statement = Readonly<Record<string, unknown>>;
type Conditions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const SUBJECT = `${ISSUER_HOST}:sub`;
const AUDIENCE_KEY = `${ISSUER_HOST}:aud`;
const NAMES_WEB = 'system:serviceaccount:shop:web';
const AUDIENCE = 'sts.amazonaws.com';

/**
 * A world in which the trust policy has other statements.
 * @param byHand true if the remedy is to restore the policy, since podrole does not know what is wanted
 * @param change of podrole's own statement
 */
function trusting(
  { byHand = false, ...parts }: Pick<World, 'name' | 'code'> & Partial<World> & { readonly byHand?: boolean },
  change: (statement: Statement) => readonly Statement[],
): World {
  let before: object | undefined;
  const write = ({ iam }: DoctorSite, policy: object) =>
    iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: ROLE_NAME, PolicyDocument: JSON.stringify(policy) }),
    );
  const restore = async (site: DoctorSite) => before && write(site, before);
  return {
    link: 'trust-policy',
    remedy: byHand ? restore : 'commands',
    ...parts,
    breakIt: async (site) => {
      const trust = await readTrust(site);
      before = trust;
      const [own = {}] = trust.Statement;
      await write(site, { Version: '2012-10-17', Statement: change(own) });
    },
    tidyUp: restore,
  };
}

async function readTrust({ iam }: DoctorSite): Promise<{ readonly Statement: readonly Statement[] }> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: ROLE_NAME }));
  return JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''));
}

/** Replaces the conditions of a statement that podrole has not marked as its own. */
function under(Condition: Conditions): (statement: Statement) => readonly Statement[] {
  return ({ Sid: _sid, ...statement }) => [{ ...statement, Condition }];
}

export const trustWorlds: readonly World[] = [
  trusting(
    { name: 'trust policy that demands an external ID', code: 'TRUST_POLICY_EXTERNAL_ID' },
    under({ StringEquals: { [SUBJECT]: NAMES_WEB, [AUDIENCE_KEY]: AUDIENCE, 'sts:ExternalId': 'shop' } }),
  ),
  trusting(
    { name: 'trust policy with * under StringEquals', code: 'TRUST_POLICY_LITERAL_WILDCARD' },
    under({ StringEquals: { [SUBJECT]: 'system:serviceaccount:shop:*', [AUDIENCE_KEY]: AUDIENCE } }),
  ),
  trusting(
    { name: 'trust policy with https:// in the key', code: 'TRUST_POLICY_MISSPELT_KEY' },
    under({ StringEquals: { [`https://${SUBJECT}`]: NAMES_WEB, [AUDIENCE_KEY]: AUDIENCE } }),
  ),
  trusting(
    { name: 'trust policy of the wrong namespace', code: 'TRUST_POLICY_WRONG_SUBJECT' },
    under({ StringEquals: { [SUBJECT]: 'system:serviceaccount:shpo:web', [AUDIENCE_KEY]: AUDIENCE } }),
  ),
  trusting(
    { name: 'trust policy of another audience', code: 'TRUST_POLICY_WRONG_AUDIENCE' },
    under({ StringEquals: { [SUBJECT]: NAMES_WEB, [AUDIENCE_KEY]: 'sts' } }),
  ),
  trusting(
    { name: 'trust policy without sub', code: 'TRUST_POLICY_NO_SUBJECT', state: 'warning' },
    under({ StringEquals: { [AUDIENCE_KEY]: AUDIENCE } }),
  ),
  trusting(
    { name: 'trust policy without aud', code: 'TRUST_POLICY_NO_AUDIENCE', state: 'warning' },
    under({ StringEquals: { [SUBJECT]: NAMES_WEB } }),
  ),
  trusting({ name: 'trust policy with a Deny', code: 'TRUST_POLICY_DENIES' }, (statement) => [
    statement,
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringLike: { [SUBJECT]: 'system:serviceaccount:shop:*' } },
    },
  ]),
  trusting(
    {
      name: 'trust policy with a condition that cannot be checked',
      code: 'TRUST_POLICY_UNCHECKED',
      state: 'warning',
      alsoBroken: 'exchange',
      byHand: true,
    },
    ({ Condition, ...statement }) => [
      {
        ...statement,
        Condition: {
          ...(Condition as Conditions),
          StringEquals: { ...(Condition as Conditions)['StringEquals'], 'aws:SourceVpc': 'vpc-1' },
        },
      },
    ],
  ),
  trusting(
    { name: 'trust policy for sts:AssumeRole only', code: 'TRUST_POLICY_WRONG_ACTION' },
    (statement) => [{ ...statement, Action: 'sts:AssumeRole' }],
  ),
  trusting(
    { name: 'trust policy of the provider of another account', code: 'TRUST_POLICY_OTHER_ACCOUNT' },
    (statement) => [
      { ...statement, Principal: { Federated: `arn:aws:iam::999999999999:oidc-provider/${ISSUER_HOST}` } },
    ],
  ),
];
