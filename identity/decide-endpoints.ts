import { PODROLE_ANNOTATION } from '../lib/contract/podrole.ts';
import type { Endpoints } from './pod-identity.ts';
import { parseCaBundle, parseEndpointUrl } from './settings/endpoint-settings.ts';
import type { IdentitySettings } from './settings/identity-settings.ts';
import { quote, warningLine, withoutCredentials } from './warning.ts';

export interface EndpointsInput {
  /** The ServiceAccount, as warnings name it. */
  readonly object: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly settings: Pick<IdentitySettings, 'stsEndpointUrl' | 's3EndpointUrl' | 'caBundleConfigMap'>;
}

/**
 * Decides which STS and S3 the containers of a pod use, and which CA certificates they trust. An annotation
 * overrides the setting, and an empty one turns it off. A malformed one has no effect.
 */
export function decideEndpoints({ object, annotations, settings }: EndpointsInput): {
  readonly endpoints: Endpoints;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const decide = <T>(name: keyof typeof REMEDY, setting: string, parse: (text: string) => T | undefined) => {
    const key = PODROLE_ANNOTATION[name];
    const given = annotations[key];
    if (given === '') return undefined;
    const parsed = given === undefined ? undefined : parse(given);
    if (given !== undefined && parsed === undefined) {
      const problem = `annotation ${key} is ${quote(withoutCredentials(given))} and has no effect`;
      warnings.push(warningLine({ object, problem, remedy: REMEDY[name] }));
    }
    return parsed ?? (setting === '' ? undefined : parse(setting));
  };
  const endpoints = {
    stsEndpointUrl: decide('stsEndpointUrl', settings.stsEndpointUrl, parseEndpointUrl),
    s3EndpointUrl: decide('s3EndpointUrl', settings.s3EndpointUrl, parseEndpointUrl),
    caBundle: decide('caBundleConfigMap', settings.caBundleConfigMap, parseCaBundle),
  };
  return { endpoints, warnings };
}

const REMEDY = {
  stsEndpointUrl: 'write an http or https URL without credentials',
  s3EndpointUrl: 'write an http or https URL without credentials',
  caBundleConfigMap: 'write the name of a ConfigMap, or NAME/KEY',
} as const;
