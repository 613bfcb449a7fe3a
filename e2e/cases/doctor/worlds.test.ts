import { startDoctorSite } from '../../setup/doctor/doctor-site.ts';
import { testWorlds } from '../../setup/doctor/run-worlds.ts';
import { apiServerWorlds } from '../../setup/doctor/worlds/api-server-worlds.ts';
import { awsWorlds } from '../../setup/doctor/worlds/aws-worlds.ts';
import { clusterWorlds } from '../../setup/doctor/worlds/cluster-worlds.ts';
import { exchangeWorlds } from '../../setup/doctor/worlds/exchange-worlds.ts';
import { issuerWorlds } from '../../setup/doctor/worlds/issuer-worlds.ts';
import { servingWorlds } from '../../setup/doctor/worlds/serving-worlds.ts';
import { trustWorlds } from '../../setup/doctor/worlds/trust-worlds.ts';

/**
 * Worlds in which one thing is broken, each made for real: `podrole doctor` names the link, and what it
 * prints repairs the world.
 */
testWorlds(await startDoctorSite(), [
  ...clusterWorlds,
  ...servingWorlds,
  ...issuerWorlds,
  ...awsWorlds,
  ...trustWorlds,
  ...exchangeWorlds,
  ...apiServerWorlds,
]);
