import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { INSTANCE_METADATA, METADATA_ADDRESS } from '../../lib/contract/imds.ts';
import { CREDENTIALS_ENV, ENV } from '../../lib/contract/sdk.ts';
import { type Fault, PodroleError } from '../../lib/errors.ts';
import type { Env } from '../../lib/surroundings.ts';
import { containerUrl } from './container-url.ts';
import { SOURCES } from './settings.ts';

/** Credentials that are set up, and not read yet. */
export type CredentialSource =
  | {
      readonly kind: 'environment';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken: string | undefined;
    }
  | { readonly kind: 'profile'; readonly profile: string }
  | {
      readonly kind: 'web-identity';
      readonly roleArn: string;
      readonly tokenFile: string;
      readonly sessionName: string;
    }
  | {
      readonly kind: 'container';
      readonly url: URL;
      readonly token: string | undefined;
      readonly tokenFile: string | undefined;
    }
  | { readonly kind: 'metadata'; readonly url: URL };

type Kind = CredentialSource['kind'];

/**
 * Finds the credentials that an SDK would use, from the variables alone. The instance metadata are used only
 * if their endpoint is set, or if they are asked for: on a node that podrole does not guard, the well-known
 * address would answer with the role of the node.
 * @throws PodroleError `NO_AWS_CREDENTIALS`; `INVALID_SETTING` for half of a setting
 */
export function findSource(asked: Kind | 'auto', env: Env): CredentialSource {
  const kinds = asked === 'auto' ? SOURCES : [asked];
  for (const kind of kinds) {
    const found = FINDERS[kind](env, asked === kind);
    if (found) return found;
  }
  throw new PodroleError({ code: 'NO_AWS_CREDENTIALS', ...nothingFound(asked) });
}

/** Returns the kinds that are set up besides the one that is used: other SDKs may prefer them. */
export function otherSources(used: Kind, env: Env): readonly Kind[] {
  return SOURCES.filter((kind) => {
    // A profile file that merely exists is not worth a note.
    if (kind === used || (kind === 'profile' && !env[CREDENTIALS_ENV.profile])) return false;
    try {
      return FINDERS[kind](env, false) !== undefined;
    } catch {
      return true;
    }
  });
}

const FINDERS: Readonly<Record<Kind, (env: Env, isAsked: boolean) => CredentialSource | undefined>> = {
  environment: (env) => {
    const { accessKeyId: id, secretAccessKey: secret, sessionToken } = CREDENTIALS_ENV;
    const pair = both(env, id, secret);
    for (const name of [id, secret, sessionToken]) refuseOddCharacters(name, env[name]);
    return (
      pair && {
        kind: 'environment',
        accessKeyId: pair[0],
        secretAccessKey: pair[1],
        sessionToken: env[sessionToken] || undefined,
      }
    );
  },
  profile: (env, isAsked) => {
    const named = env[CREDENTIALS_ENV.profile];
    if (named) return { kind: 'profile', profile: named };
    const isSet = env[ENV.webIdentityTokenFile] || env[ENV.containerCredentialsFullUri];
    if (!isAsked && (isSet || env[ENV.containerCredentialsRelativeUri] || !hasProfileFile(env)))
      return undefined;
    return { kind: 'profile', profile: 'default' };
  },
  'web-identity': (env) => {
    // The role stands there for podrole's agent, which serves the pod.
    if (env[ENV.tokenFile] && !env[ENV.webIdentityTokenFile]) return undefined;
    const pair = both(env, ENV.webIdentityTokenFile, ENV.roleArn);
    return (
      pair && {
        kind: 'web-identity',
        tokenFile: pair[0],
        roleArn: pair[1],
        sessionName: env[ENV.roleSessionName] || 'podrole-whoami',
      }
    );
  },
  container: (env) => {
    const relative = env[ENV.containerCredentialsRelativeUri];
    const full = env[ENV.containerCredentialsFullUri];
    if (!relative && !full) return undefined;
    const url = relative
      ? containerUrl(ENV.containerCredentialsRelativeUri, relative, `http://${METADATA_ADDRESS.container}`)
      : containerUrl(ENV.containerCredentialsFullUri, full ?? '');
    return {
      kind: 'container',
      url,
      token: env[ENV.containerAuthorizationToken] || undefined,
      tokenFile: env[ENV.containerAuthorizationTokenFile] || undefined,
    };
  },
  metadata: (env, isAsked) => {
    const endpoint = env[INSTANCE_METADATA.endpointVariable];
    if (!endpoint && !isAsked) return undefined;
    const url = URL.parse(endpoint || INSTANCE_METADATA.defaultEndpoint);
    if (url?.protocol === 'http:') return { kind: 'metadata', url };
    throw new PodroleError({
      code: 'INVALID_SETTING',
      object: INSTANCE_METADATA.endpointVariable,
      problem: `is ${JSON.stringify(endpoint)}, must be an http URL`,
      remedy: 'correct it, or unset it',
    });
  },
};

/** Returns the values of two variables that belong together; undefined if neither is set. */
function both(env: Env, first: string, second: string): readonly [string, string] | undefined {
  const [one, two] = [env[first], env[second]];
  if (one && two) return [one, two];
  if (!one && !two) return undefined;
  const fault: Fault = {
    code: 'INVALID_SETTING',
    object: one ? first : second,
    problem: `is set without ${one ? second : first}`,
    remedy: 'set both, or unset it: the SDKs need both',
  };
  throw new PodroleError(fault);
}

function hasProfileFile(env: Env): boolean {
  const home = env['HOME'] ?? env['USERPROFILE'];
  const named = [env[CREDENTIALS_ENV.credentialsFile], env[CREDENTIALS_ENV.configFile]];
  const usual = home ? ['credentials', 'config'].map((name) => join(home, '.aws', name)) : [];
  return [...named, ...usual].some((file) => file !== undefined && file !== '' && existsSync(file));
}

function nothingFound(asked: Kind | 'auto'): Omit<Fault, 'code'> {
  if (asked === 'auto') {
    return {
      object: 'credentials of this process',
      problem: 'no variable and no profile sets any up',
      remedy:
        'in a pod: bind its ServiceAccount (podrole bind) and create the pod again; elsewhere: set AWS_PROFILE, as for the AWS CLI',
    };
  }
  return {
    object: `--source ${asked}`,
    problem: `no variable sets it up (${VARIABLES[asked].join(', ')})`,
    remedy: 'set them, or leave --source out; in a pod, podrole webhook sets them when the pod is created',
  };
}

const VARIABLES: Readonly<Record<Kind, readonly string[]>> = {
  environment: [CREDENTIALS_ENV.accessKeyId, CREDENTIALS_ENV.secretAccessKey],
  profile: [CREDENTIALS_ENV.profile],
  'web-identity': [ENV.webIdentityTokenFile, ENV.roleArn],
  container: [ENV.containerCredentialsFullUri, ENV.containerCredentialsRelativeUri],
  metadata: [INSTANCE_METADATA.endpointVariable],
};

/** A line break at the end is a common slip of scripts: HTTP refuses it, and AWS refuses the signature. */
function refuseOddCharacters(variable: string, value = ''): void {
  if (/^[\x21-\x7e]*$/.test(value)) return;
  const problem = 'holds a line break, a blank or another character that credentials do not have';
  throw new PodroleError({ code: 'INVALID_SETTING', object: variable, problem, remedy: 'set it again' });
}
