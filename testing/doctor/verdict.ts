import type { Link } from '../../doctor/chain/link.ts';
import type { ChainFacts } from '../../doctor/facts/chain-facts.ts';

/** Returns state and code of the first finding of a link: `broken NO_ANNOTATION`, `ok`. */
export function verdictOf(link: Link, facts: ChainFacts): string {
  const [{ state, code }] = link.judge(facts);
  return code === undefined ? state : `${state} ${code}`;
}

/** Returns the commands that the first finding of a link prints. */
export function commandsOf(link: Link, facts: ChainFacts): readonly string[] {
  return link.judge(facts)[0].remedy?.commands ?? [];
}
