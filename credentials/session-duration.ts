import { SESSION_DURATION_SECONDS } from '../lib/contract/sts.ts';
import { integer } from '../lib/settings/kinds.ts';

/** Lifetime of the sessions of several roles. A command for one role says in its help what bounds it. */
export const sessionDurationSetting = integer({
  value: '<seconds>',
  min: SESSION_DURATION_SECONDS.min,
  max: SESSION_DURATION_SECONDS.max,
  default: SESSION_DURATION_SECONDS.default,
  help: 'Lifetime of a session, at most the MaxSessionDuration of every role; renewed after about half of it',
});
