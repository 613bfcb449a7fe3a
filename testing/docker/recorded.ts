/** Answers of Docker 20.10.24, and of Podman 4.3.1, without the fields that podrole does not read. */

const ID = 'a5e29ea9b4372006576d711530cfe7bc8efe024301761539ec42f451bfe05ec8';
const NETWORK_ID = '725d3fed699f237d3536cf035d811d0aeae11efc947e3d80985f91879f088c09';
const ENDPOINT_ID = '70668e02346019211ca10e6fda2b0d8a5504e615e3359e7c9dff241a905faedf';

export const DOCKER = {
  id: ID,
  networkId: NETWORK_ID,
  endpointId: ENDPOINT_ID,
  container: {
    Id: ID,
    State: { Status: 'running', Running: true, Paused: false, Restarting: false, Dead: false, Pid: 193 },
    Image: 'sha256:9e5edddc8ab630fad7a4b98f75c641610cd544bb548f65e1f00660044fe15f8b',
    Name: '/one',
    HostConfig: { NetworkMode: 'default' },
    Config: {
      Env: ['IAM_ROLE=one', 'OPTIONS=a=b', 'EMPTY='],
      Image: 'busybox:1',
      Labels: { 'podrole.dev/role-arn': 'arn:aws:iam::111122223333:role/one' },
    },
    NetworkSettings: {
      SandboxKey: '/var/run/docker/netns/1a2b3c4d5e6f',
      Networks: {
        bridge: {
          IPAMConfig: null,
          NetworkID: NETWORK_ID,
          EndpointID: ENDPOINT_ID,
          Gateway: '172.17.0.1',
          IPAddress: '172.17.0.2',
          GlobalIPv6Address: '',
          MacAddress: '02:42:AC:11:00:02',
        },
      },
    },
  },
  networks: [
    { Name: 'host', Id: 'b0a5491853821b52', Driver: 'host', EnableIPv6: false, Options: {} },
    {
      Name: 'bridge',
      Id: NETWORK_ID,
      Driver: 'bridge',
      EnableIPv6: false,
      Options: { 'com.docker.network.bridge.name': 'docker0' },
    },
    { Name: 'six', Id: 'a5da3355f5cb2175f1e7877b71f865ab', Driver: 'bridge', EnableIPv6: true, Options: {} },
  ],
  network: {
    Name: 'bridge',
    Id: NETWORK_ID,
    Containers: {
      [ID]: {
        Name: 'one',
        EndpointID: ENDPOINT_ID,
        MacAddress: '02:42:ac:11:00:02',
        IPv4Address: '172.17.0.2/16',
        IPv6Address: 'fd09:0::2/64',
      },
      [`ep-${ENDPOINT_ID}`]: {
        Name: 'two',
        EndpointID: 'c0ffee',
        MacAddress: '02:42:ac:11:00:03',
        IPv4Address: '172.17.0.3/16',
        IPv6Address: '',
      },
    },
  },
  list: [{ Id: ID, Names: ['/one'], State: 'running' }],
  events: [
    {
      status: 'start',
      id: ID,
      Type: 'container',
      Action: 'start',
      Actor: { ID, Attributes: { name: 'one' } },
    },
    { Type: 'network', Action: 'connect', Actor: { ID: NETWORK_ID, Attributes: { container: ID } } },
    { Type: 'network', Action: 'connect', Actor: { ID: NETWORK_ID, Attributes: null } },
    { status: 'die', id: ID, Type: 'container', Action: 'die', Actor: { ID, Attributes: { exitCode: '0' } } },
  ],
} as const;

export const PODMAN = {
  ping: { 'Api-Version': '1.41', 'Libpod-Api-Version': '4.3.1' },
  networks: [
    { name: 'podman', id: '2f259bab93aa', driver: 'bridge', network_interface: 'podman0' },
    { name: 'mac', id: '3f259bab93aa', driver: 'macvlan', network_interface: 'eth0' },
  ],
} as const;
