import { ENV } from '../../lib/contract/sdk.ts';
import { type Fault, throwIfAny } from '../../lib/errors.ts';
import { isServiceLink } from '../../lib/settings/given-setting.ts';
import type { Env } from '../../lib/surroundings.ts';
import { nearestName } from '../../lib/text/nearest-name.ts';
import { knownVariables } from './known-variables.ts';

/** The webhook sets some of these in pods, where any command may run. */
const KNOWN: ReadonlySet<string> = new Set<string>([...knownVariables, ...Object.values(ENV)]);
/** Of the scripts of this repository. */
const OF_SCRIPTS = /^PODROLE_(?:E2E_\w+|CACHE)$/;
/**
 * Kubernetes sets these in each pod for a Service of the same namespace whose name begins with `podrole`.
 * [k8s] "Service", environment variables
 */
const OF_SERVICES = /_SERVICE_HOST$|_SERVICE_PORT(?:$|_)|_PORT_\d+_(?:TCP|UDP|SCTP)(?:$|_)/;
const LONGEST_NAME = 60;
const MAX_EDITS = 3;
const MIN_LENGTH_PER_EDIT = 3;

/**
 * Refuses variables that no command of podrole knows: a misspelt guard must not be ignored. A variable of
 * another command is fine, since one environment may serve several.
 * @throws PodroleError INVALID_SETTING with a fault for each, without its value
 */
export function checkVariables(env: Env): void {
  throwIfAny(
    Object.entries(env)
      .filter(([name, value = '']) => name.startsWith('PODROLE_') && !isKnown(name, value))
      .map(([name]) => unknownVariable(name)),
  );
}

function isKnown(name: string, value: string): boolean {
  return KNOWN.has(name) || OF_SCRIPTS.test(name) || OF_SERVICES.test(name) || isServiceLink(name, value);
}

function unknownVariable(name: string): Fault {
  const own = name.length - 'PODROLE_'.length;
  // Any short name is like any other.
  const nearest = nearestName(
    name,
    knownVariables,
    Math.min(MAX_EDITS, Math.floor(own / MIN_LENGTH_PER_EDIT)),
  );
  return {
    code: 'INVALID_SETTING',
    object: name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name,
    problem: 'is set, but no command of podrole has such a setting',
    remedy: nearest === undefined ? 'unset it; docs/settings.md lists all' : `unset it, or set ${nearest}`,
  };
}
