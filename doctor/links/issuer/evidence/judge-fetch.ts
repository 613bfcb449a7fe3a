import type { Finding } from '../../../chain/finding.ts';
import type { findingsOf } from '../../../chain/findings-of.ts';
import type { ChainFacts } from '../../../facts/chain-facts.ts';
import type { Fetched, Unanswered } from '../../../facts/issuer-facts.ts';
import type { Reading } from '../../../facts/reading.ts';
import { type DocumentName, judgeAnswer } from './judge-answer.ts';
import { quoted } from './quoted.ts';
import { doubtOf, faultAt } from './sts-side.ts';

interface Judged {
  /** Undefined if its content is not worth looking at. */
  readonly answer: Fetched | undefined;
  /** Findings about the fetch. */
  readonly found: readonly Finding[];
}

interface Question {
  readonly name: DocumentName;
  readonly findings: ReturnType<typeof findingsOf>;
  readonly facts: ChainFacts;
}

/** Judges how a document was fetched: no answer, its status, its time, and whether it is JSON. */
export function judgeFetch(
  object: string,
  reading: Reading<Fetched | Unanswered>,
  { name, findings, facts }: Question,
): Judged {
  if (reading.state !== 'read') return { answer: undefined, found: [findings.unknown(object, reading)] };
  const { value } = reading;
  const fault = faultAt(findings, facts);
  if ('reason' in value) {
    const doubt = doubtOf(value, facts);
    if (doubt !== undefined) {
      const said = `${value.said}; but ${doubt}`;
      return { answer: undefined, found: [findings.unknown(object, { state: 'failed', said })] };
    }
    const trouble = {
      ...{ object, expected: 'is answered', found: `gives no answer: ${value.said}` },
      remedy: { text: ADVICE[value.reason], commands: [] },
    };
    return { answer: undefined, found: [fault(`${name}_UNREACHABLE`, trouble)] };
  }
  const judged = judgeAnswer(value, name);
  if (!judged) return { answer: value, found: [] };
  const { code, isFatal, expected, found, advice } = judged;
  const trouble = { object, expected, found, remedy: { text: advice, commands: [] } };
  return {
    answer: value.json ? value : undefined,
    found: [isFatal ? fault(code, trouble) : findings.warning(code, trouble)],
  };
}

const ADVICE: Readonly<Record<Unanswered['reason'], string>> = {
  dns: 'add the host to the public DNS, or correct the issuer of the API server',
  refused: 'start the web server of this host on port 443, and let everybody connect to it',
  timeout: 'let everybody connect to this host on port 443; look at firewalls and security groups',
  certificate: 'serve a certificate that is valid for this host',
  proxy: 'check that the proxy answers from here, or name the host in NO_PROXY',
  other: 'let the host answer https on port 443',
};

/** Names a document of an issuer in a finding. */
export function documentAt(title: string, url: string): string {
  return `${title} ${quoted(url)}`;
}
