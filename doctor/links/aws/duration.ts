import { IAM_ROLE } from '../../../lib/contract/iam.ts';
import { SESSION_DURATION_SECONDS } from '../../../lib/contract/sts.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { type AskedDuration, askedDuration } from '../../workload/asked-duration.ts';
import { bindCommand } from '../remedies/commands.ts';
import { NO_ROLE, type Terms, termsOf } from './terms.ts';

const { ok, broken, unknown } = findingsOf('duration');

/** Judges whether the role allows a session as long as the pod asks for. */
export const duration: Link = {
  id: 'duration',
  title: 'session duration',
  needs: ['annotation', 'role'],
  judge: (facts) => [judge(facts)],
};

function judge(facts: ChainFacts): Finding {
  const terms = termsOf(facts);
  if (!terms) return unknown('session duration', NO_ROLE);
  const { pod } = facts.cluster;
  const asked = pod.state === 'read' ? askedDuration(pod.value, terms.role.arn) : undefined;
  if (asked && !isPossible(asked.seconds)) return impossible(asked);
  const reading = facts.aws.role;
  if (reading.state === 'absent') return unknown(terms.object, reading);
  const usual = `an hour, which every role allows`;
  if (!asked) return ok(terms.object, `is asked for sessions of ${usual}`);
  if (asked.seconds <= IAM_ROLE.maxSessionDurationSeconds.min)
    return ok(terms.object, `is asked for sessions of ${asked.seconds} s, which every role allows`);
  if (reading.state !== 'read') return unknown(terms.object, reading);
  const { maxSessionDurationSeconds: max } = reading.value;
  return asked.seconds <= max
    ? ok(
        terms.object,
        `allows sessions of ${max} s; container ${asked.container} asks for ${asked.seconds} s`,
      )
    : tooLong(facts, terms, asked, max);
}

const { min: MIN, max: MAX } = SESSION_DURATION_SECONDS;

function isPossible(seconds: number): boolean {
  return seconds >= MIN && seconds <= MAX;
}

function impossible({ container, variable, seconds }: AskedDuration): Finding {
  return broken('DURATION_IMPOSSIBLE', {
    object: `container ${container}`,
    expected: `asks for sessions of ${MIN} to ${MAX} s`,
    found: `asks for ${seconds} s by ${variable}`,
    remedy: {
      text: `set ${variable} to a number from ${MIN} to the MaxSessionDuration of the role, then restart the pod`,
      commands: [],
    },
  });
}

function tooLong(facts: ChainFacts, { role, object }: Terms, asked: AskedDuration, max: number): Finding {
  const { container, variable, seconds } = asked;
  const path = role.path === '/' ? [] : ['--role-path', role.path];
  const flags = ['--role-name', role.name, ...path, '--session-duration', String(seconds)];
  return broken('DURATION_OVER_MAXIMUM', {
    object,
    expected: `allows the ${seconds} s that container ${container} asks for by ${variable}`,
    found: `allows sessions of ${max} s (MaxSessionDuration)`,
    remedy: {
      text: `raise the MaxSessionDuration of the role, or lower ${variable} and restart the pod`,
      commands: [bindCommand(facts, ...flags)],
    },
  });
}
