/** `sts.eu-west-1.amazonaws.com`, `sts-fips.us-east-1.api.aws`, `vpce-1.sts.eu-west-1.vpce.amazonaws.com`. */
const REGIONAL = /(?:^|\.)sts(?:-fips)?\.([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})\.(?:vpce\.)?[a-z]/;
const GLOBAL = /^sts(?:-fips)?\.amazonaws\.com$/;

/**
 * Returns the region of a signature: that in the host name of an STS of AWS, which accepts no other one, else
 * the given one.
 */
export function signingRegion({ hostname }: URL, region: string): string {
  if (GLOBAL.test(hostname)) return 'us-east-1';
  return REGIONAL.exec(hostname)?.[1] ?? region;
}
