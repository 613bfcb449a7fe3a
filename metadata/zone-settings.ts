import { REGION } from '../lib/contract/iam.ts';
import { ENV } from '../lib/contract/sdk.ts';
import { matching, string } from '../lib/settings/kinds.ts';

/** Region of the STS, which instance metadata reports. */
export const regionSetting = matching({
  value: '<region>',
  required: true,
  variables: [ENV.region, ENV.defaultRegion, ENV.topologyRegion],
  pattern: REGION,
  expected: 'a region such as eu-central-1',
  help: 'AWS region: selects the STS endpoint and is reported by instance metadata',
});

/** Availability zone that instance metadata reports. */
export const zoneSettings = {
  availabilityZone: string({
    value: '<zone>',
    variables: [ENV.topologyZone],
    shownDefault: 'the region with the letter a, such as eu-central-1a',
    help: 'Availability zone that instance metadata reports, such as eu-central-1a',
  }),
  availabilityZoneId: string({
    value: '<id>',
    help: 'ID of the availability zone that instance metadata reports, such as euc1-az2',
  }),
} as const;
