import path from 'node:path';

/** No other process listens in the network namespace, so that the usual ports are free. */
const MONITOR = '[v2:127.0.0.1:3300,v1:127.0.0.1:6789]';
export const GATEWAY_PORT = 8000;
const MEMORY_BYTES = 1024 ** 3;

/** Files and folders of one Ceph, in its temporary folder. */
export function cephFiles(folder: string) {
  const at = (name: string) => path.join(folder, name);
  return {
    config: at('ceph.conf'),
    monitorMap: at('monmap'),
    monitor: at('mon'),
    storage: at('osd'),
    gateway: at('rgw'),
    run: at('run'),
  } as const;
}

type CephFiles = ReturnType<typeof cephFiles>;

/** Returns the arguments of monmaptool for the only monitor, `a`. */
export function monitorMapArguments({ monitorMap }: CephFiles, clusterId: string): string[] {
  return ['--create', '--fsid', clusterId, '--addv', 'a', MONITOR, monitorMap];
}

/**
 * Returns ceph.conf for a monitor, a storage daemon in memory, and a gateway with S3, IAM and STS. Only users
 * of S3 authenticate.
 * @param clusterId a UUID
 */
export function cephConfig({ monitor, storage, gateway, run }: CephFiles, clusterId: string): string {
  return `[global]
fsid = ${clusterId}
mon host = ${MONITOR}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
# With the default of one second, each of its pools takes two seconds, one after the other.
paxos propose interval = 0.01
osd crush chooseleaf type = 0
run dir = ${run}
admin socket = ${run}/$name.asok
log to file = false
log to stderr = true
mon cluster log to file = false
[mon.a]
mon data = ${monitor}
[osd.0]
osd data = ${storage}
osd objectstore = memstore
memstore device bytes = ${MEMORY_BYTES}
[client.rgw]
ms mon client mode = crc
rgw frontends = beast port=${GATEWAY_PORT}
rgw data = ${gateway}
# Encrypts session tokens; any 16 characters.
rgw sts key = abcdefghijklmnop
rgw s3 auth use sts = true
rgw verify ssl = true
`;
}
