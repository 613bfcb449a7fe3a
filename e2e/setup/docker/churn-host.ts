import { type Collector, startCollector } from '../agent/collector.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import { type DockerHost, startDockerHost } from './docker-host.ts';
import { type HostAws, startHostAws } from './host-aws.ts';
import { UPLINK } from './uplink.ts';

export const NETWORK = 'churn';
/** Eight addresses: one is the gateway's, and two no one's. */
const SUBNET = '10.202.0.0/29';
/** More than the five addresses, so that each waits for the address of another one. */
export const SLOTS = 7;
/** Of ten containers, one to two have no role. */
const ROLES = 24;
const WITHOUT_ROLE = 4;

/** A Docker host whose containers have few addresses, and what judges each answer to them. */
export interface ChurnHost extends TemporarySite {
  readonly host: DockerHost;
  readonly aws: HostAws;
  readonly collector: Collector;
  readonly roles: readonly (string | undefined)[];
}

export function startChurnHost(): Promise<ChurnHost> {
  return startSite(async ({ onStop }) => {
    const [aws, host] = await Promise.all([startHostAws(), startDockerHost()]);
    onStop(() => aws.stop());
    onStop(() => host.stop());
    await host.load('asker.tar');
    await host.client('network', 'create', '--subnet', SUBNET, NETWORK);
    const collector = await startCollector(UPLINK.outside);
    onStop(async () => collector.stop());
    const roles: (string | undefined)[] = Array.from({ length: WITHOUT_ROLE }, () => undefined);
    for (let index = 0; index < ROLES; index += 1) roles.push(await aws.createRole(`churn-${index}`, []));
    return { host, aws, collector, roles };
  });
}
