import { DEFAULT_CA_BUNDLE_KEY } from '../../lib/contract/podrole.ts';
import { isObjectName } from '../../lib/kubernetes-names.ts';
import { matching } from '../../lib/settings/kinds.ts';

/** ConfigMap in the namespace of the pod, and its key that holds CA certificates, PEM. */
export interface CaBundle {
  readonly configMap: string;
  readonly key: string;
}

/** A DNS name has at most 253 characters; the rest is for scheme, port and path. */
export const ENDPOINT_URL_MAX_LENGTH = 512;
/**
 * Characters of a URL, without `$`: Kubernetes expands `$(NAME)` in the value of a variable. The URL class
 * accepts more characters, and changes them.
 */
const URL_CHARACTERS = /^[A-Za-z0-9._~:/?#@!&'()*+,;=%[\]-]+$/;

/** Key of a ConfigMap. [k8s] "ConfigMaps" */
const CONFIG_MAP_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/**
 * Returns the URL of an endpoint as written; undefined if SDKs do not accept it. Credentials, a query and a
 * fragment have no meaning there.
 */
export function parseEndpointUrl(text: string): string | undefined {
  return parseHttpUrl(text) && !/[?#@]/.test(text) ? text : undefined;
}

/** Returns the ConfigMap that `NAME` or `NAME/KEY` names; undefined for anything else. */
export function parseCaBundle(text: string): CaBundle | undefined {
  const [configMap = '', key = DEFAULT_CA_BUNDLE_KEY, ...more] = text.split('/', 3);
  const isKey = CONFIG_MAP_KEY.test(key) && key !== '.' && !key.startsWith('..');
  return more.length === 0 && isObjectName(configMap) && isKey ? { configMap, key } : undefined;
}

/** Returns true for the URL of a proxy, which may hold a password. */
export function isProxyUrl(text: string): boolean {
  return parseHttpUrl(text)?.pathname === '/' && !/[?#]/.test(text);
}

function parseHttpUrl(text: string): URL | undefined {
  const isCandidate =
    text.length <= ENDPOINT_URL_MAX_LENGTH && /^https?:\/\/[^/]/i.test(text) && URL_CHARACTERS.test(text);
  return (isCandidate && URL.parse(text)) || undefined;
}

/** Settings that lead containers to an STS and an S3 other than those of AWS. */
export const endpointSettings = {
  stsEndpointUrl: endpointUrl('STS', 'https://sts.example.com'),
  s3EndpointUrl: endpointUrl('S3', 'https://s3.example.com'),
  caBundleConfigMap: matching({
    value: '<name>[/<key>]',
    pattern: { test: (text) => parseCaBundle(text) !== undefined },
    expected: 'the name of a ConfigMap, or NAME/KEY',
    default: '',
    help: `ConfigMap in the pod's namespace with CA certificates that containers with a role trust, if no annotation sets it; the key is ${DEFAULT_CA_BUNDLE_KEY} if none is given`,
  }),
} as const;

function endpointUrl(service: string, example: string) {
  return {
    ...matching({
      value: '<url>',
      pattern: { test: (text) => parseEndpointUrl(text) !== undefined },
      expected: `an http or https URL without credentials, such as ${example}`,
      default: '',
      help: `${service} that containers with a role use instead of the one of AWS, if no annotation sets it`,
    }),
    // A URL is refused because it holds credentials, among other reasons.
    isSecret: true as const,
  };
}
