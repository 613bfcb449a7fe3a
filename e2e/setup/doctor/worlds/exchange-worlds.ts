import type { DoctorSite } from '../doctor-site.ts';
import { applyWorkload } from '../workload.ts';
import type { World } from '../world.ts';

const APP = { name: 'app', image: 'example.test/app:1' };
/** Port of the STS that only the proxy reaches. */
const HIDDEN_PORT = 8_442;
/** The cluster and the issuer are reached without the proxy. */
const NO_PROXY = '127.0.0.1,oidc.example.test';

export const exchangeWorlds: readonly World[] = [
  {
    name: 'session longer than the role allows',
    link: 'duration',
    code: 'DURATION_OVER_MAXIMUM',
    breakIt: (site) =>
      applyWorkload(site, {
        containers: [{ ...APP, env: [{ name: 'AWS_ROLE_DURATION_SECONDS', value: '7200' }] }],
      }),
    remedy: 'commands',
    tidyUp: (site) => applyWorkload(site),
  },
  {
    name: 'STS unreachable',
    link: 'exchange',
    code: 'STS_UNREACHABLE',
    breakIt: ({ stsFront }) => stsFront.close(),
    remedy: ({ stsFront }) => stsFront.open(),
  },
  {
    name: 'proxy needed',
    link: 'exchange',
    code: 'STS_UNREACHABLE',
    breakIt: ({ stsFront }) => stsFront.open(HIDDEN_PORT),
    remedy: leadThroughProxy,
    envAfter: ({ proxy }) => ({ HTTPS_PROXY: proxy.url, NO_PROXY }),
    tidyUp: ({ stsFront }) => stsFront.open(),
  },
  {
    name: 'proxy away',
    link: 'exchange',
    code: 'STS_PROXY_FAILED',
    breakIt: async () => undefined,
    env: { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY },
    remedy: async () => undefined,
  },
  {
    name: 'region disabled',
    link: 'exchange',
    code: 'STS_REGION_DISABLED',
    breakIt: async ({ stsFront }) => {
      stsFront.refusal = { status: 403, code: 'RegionDisabledException' };
    },
    remedy: async ({ stsFront }) => {
      stsFront.refusal = undefined;
    },
  },
  {
    name: 'clock of the cluster an hour late',
    link: 'exchange',
    code: 'STS_TOKEN_EXPIRED',
    breakIt: (site) => moveClock(site, 3_600),
    remedy: (site) => moveClock(site, 0),
  },
];

async function leadThroughProxy({ proxy }: DoctorSite): Promise<void> {
  for (const host of ['sts.us-east-1.amazonaws.com', 'sts.amazonaws.com'])
    proxy.routes.set(host, HIDDEN_PORT);
}

/** Moves the clock of AWS, which is the same as moving those of the cluster and of this machine back. */
async function moveClock({ stsFront, sts }: DoctorSite, aheadSeconds: number): Promise<void> {
  stsFront.clockAheadSeconds = aheadSeconds;
  sts.clockAheadSeconds = aheadSeconds;
}
