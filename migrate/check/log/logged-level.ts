import type { ProxyFlags } from '../../collect/narrow/proxy-flags.ts';
import type { OldProxy } from '../../model.ts';

/** Levels at which the requests are logged. */
const LEVELS_WITH_REQUESTS: ReadonlySet<string> = new Set(['info', 'debug', 'trace']);
const LEVEL_FLAG: Readonly<Record<OldProxy, string>> = { kube2iam: 'log-level', kiam: 'level' };

/**
 * Returns the flag by which a proxy leaves requests out of its log; undefined if it logs them, which is the
 * default of both. [kube2iam] cmd/main.go, [kiam] cmd/kiam/opts.go
 */
export function silentLevel(flags: ProxyFlags, from: OldProxy): string | undefined {
  const level = flags.get(LEVEL_FLAG[from]);
  return level === undefined || LEVELS_WITH_REQUESTS.has(level.toLowerCase())
    ? undefined
    : `--${LEVEL_FLAG[from]}=${level}`;
}
