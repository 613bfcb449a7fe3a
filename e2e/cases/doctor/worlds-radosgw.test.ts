import { startDoctorSite } from '../../setup/doctor/doctor-site.ts';
import { deleteProvider } from '../../setup/doctor/provider.ts';
import { testWorlds } from '../../setup/doctor/run-worlds.ts';
import { startRadosgwSide } from '../../setup/doctor/servers/aws-side.ts';
import type { World } from '../../setup/doctor/world.ts';
import { awsWorlds } from '../../setup/doctor/worlds/aws-worlds.ts';
import { issuerWorlds } from '../../setup/doctor/worlds/issuer-worlds.ts';
import { trustWorlds } from '../../setup/doctor/worlds/trust-worlds.ts';

/** Some of the worlds again, with an IAM and an STS that have no code of podrole. */
const NAMES = [
  'no provider',
  'audience missing in the provider',
  'keys of another cluster',
  'wrong thumbprint with a private CA',
  'trust policy with * under StringEquals',
  'trust policy of the wrong namespace',
  'trust policy of another audience',
  'trust policy without sub',
  'trust policy with a Deny',
];

/** radosgw cannot change a provider, as the commands do: it is created again. */
const remedy: World['remedy'] = async (site) => {
  await deleteProvider(site);
  await site.podrole(['provider', 'ensure', '--approve']);
};
const DIFFERENCES: Readonly<Record<string, Partial<World>>> = {
  'audience missing in the provider': { remedy },
  // It does not compare the thumbprint of the TLS certificate.
  'wrong thumbprint with a private CA': { remedy, state: 'warning' },
};

testWorlds(
  await startDoctorSite(startRadosgwSide),
  [...issuerWorlds, ...awsWorlds, ...trustWorlds]
    .filter(({ name }) => NAMES.includes(name))
    .map((world) => ({ ...world, ...DIFFERENCES[world.name] })),
);
