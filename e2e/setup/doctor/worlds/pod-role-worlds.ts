import { ROLE_NAME } from '../doctor-site.ts';
import { nameRole, setRules } from '../pod-role-site.ts';
import { missWebhook, recreatePods } from '../workload.ts';
import type { World } from '../world.ts';

type Rules = Readonly<Record<string, string>>;

/** A world whose namespace has these rules instead. */
function ruled(name: string, code: World['code'], rules: Rules): World {
  return {
    ...{ name, code, link: 'annotation', remedy: 'commands' },
    breakIt: async (site) => {
      await setRules(site, rules);
      await nameRole(site);
      await recreatePods(site);
    },
    tidyUp: async (site) => {
      await setRules(site, { 'podrole.dev/allowed-roles': site.roleArn });
      await nameRole(site);
    },
  };
}

/** A world whose pods have these annotations instead. */
function annotated(
  parts: Pick<World, 'name' | 'link' | 'code'> & Partial<World>,
  role: string,
  more?: Rules,
): World {
  return {
    remedy: 'commands',
    ...parts,
    breakIt: (site) => nameRole(site, role, more),
    tidyUp: (site) => nameRole(site),
  };
}

const byHand: World['remedy'] = (site) => nameRole(site);

/** Worlds of a workload that names its role by an annotation of its pods. */
export const podRoleWorlds: readonly World[] = [
  ruled('no rule', 'ROLE_WITHOUT_RULE', {}),
  ruled('a rule for another role', 'ROLE_NOT_IN_NAMESPACE_POLICY', {
    'podrole.dev/allowed-roles': 'arn:aws:iam::*:role/billing',
  }),
  ruled('permitted of kiam, for another role', 'ROLE_NOT_PERMITTED', {
    'iam.amazonaws.com/permitted': 'billing-.*',
  }),
  ruled('malformed permitted', 'ROLE_NOT_PERMITTED', { 'iam.amazonaws.com/permitted': 'a)|(' }),
  ruled('allowed-roles of kube2iam, for another role', 'ROLE_NOT_IN_ALLOWED_ROLES', {
    'iam.amazonaws.com/allowed-roles': '["billing-*"]',
  }),
  ruled('malformed allowed-roles', 'ROLE_NOT_IN_ALLOWED_ROLES', {
    'iam.amazonaws.com/allowed-roles': 'shop-*',
  }),
  annotated({ name: 'not a role', link: 'annotation', code: 'POD_ROLE_MALFORMED', remedy: byHand }, 'a b'),
  annotated(
    {
      name: 'session name with a slash',
      link: 'annotation',
      code: 'SESSION_NAME_INVALID',
      state: 'warning',
    },
    ROLE_NAME,
    { 'iam.amazonaws.com/session-name': 'shop/web' },
  ),
  annotated(
    { name: 'external ID of the pod', link: 'annotation', code: 'EXTERNAL_ID_UNUSED', state: 'warning' },
    ROLE_NAME,
    { 'iam.amazonaws.com/external-id': 'shop' },
  ),
  {
    name: 'pod that the webhook missed',
    link: 'pod',
    code: 'POD_MISSED_WEBHOOK',
    breakIt: missWebhook,
    remedy: 'commands',
  },
  {
    name: 'role that is almost the same',
    link: 'role',
    code: 'ROLE_NEAR_MISS',
    breakIt: async (site) => {
      await setRules(site, { 'podrole.dev/allowed-roles': '*' });
      await nameRole(site, `${ROLE_NAME}s`);
    },
    remedy: 'commands',
    tidyUp: (site) => nameRole(site),
  },
];
