import { DeleteRoleCommand, DetachRolePolicyCommand } from '@aws-sdk/client-iam';

import { AUDIENCE } from '../../aws/trusting-radosgw.ts';
import { ROLE_ARN } from '../../pods/pods.ts';
import { ISSUER, ROLE_NAME } from '../doctor-site.ts';
import { createProvider, deleteProvider, replaceProvider } from '../provider.ts';
import { READ_ONLY } from '../servers/aws-side.ts';
import { annotate, recreatePods } from '../workload.ts';
import type { World } from '../world.ts';

export const awsWorlds: readonly World[] = [
  {
    name: 'no provider',
    link: 'provider',
    code: 'PROVIDER_MISSING',
    breakIt: (site) => deleteProvider(site),
    remedy: 'commands',
  },
  {
    name: 'provider one character off',
    link: 'provider',
    code: 'PROVIDER_NEAR_MISS',
    breakIt: async (site) => {
      await deleteProvider(site);
      await createProvider(site, { Url: NEAR_MISS, ClientIDList: [AUDIENCE], ThumbprintList: [THUMBPRINT] });
    },
    remedy: 'commands',
    tidyUp: (site) =>
      deleteProvider(site, `arn:aws:iam::${site.account}:oidc-provider/${new URL(NEAR_MISS).host}`),
  },
  {
    name: 'audience missing in the provider',
    link: 'provider',
    code: 'PROVIDER_LACKS_AUDIENCE',
    breakIt: (site) => replaceProvider(site, { ClientIDList: ['another'] }),
    remedy: 'commands',
  },
  {
    name: 'role gone',
    link: 'role',
    code: 'ROLE_MISSING',
    breakIt: async ({ iam }) => {
      await iam.send(new DetachRolePolicyCommand({ RoleName: ROLE_NAME, PolicyArn: READ_ONLY }));
      await iam.send(new DeleteRoleCommand({ RoleName: ROLE_NAME }));
    },
    remedy: 'commands',
    tidyUp: ({ bind }) => bind(),
  },
  {
    name: 'role of another account',
    link: 'role',
    code: 'ROLE_OTHER_ACCOUNT',
    breakIt: async (site) => {
      await annotate(site, ROLE_ARN, site.roleArn.replace(site.account, '999999999999'));
      await recreatePods(site);
    },
    remedy: 'commands',
  },
];

const THUMBPRINT = '0123456789abcdef0123456789abcdef01234567';
const NEAR_MISS = ISSUER.replace('example', 'exmaple');
