import { ISSUER_FETCH_TIMEOUT_MS } from '../../../../lib/contract/sts.ts';
import { JSON_TYPES } from '../../../../oidc/verify/json-types.ts';
import type { FindingCode } from '../../../explanations/finding-code.ts';
import type { FetchFault } from '../../../explanations/issuer/fetch-explanations.ts';
import type { Fetched } from '../../../facts/issuer-facts.ts';
import { quoted } from './quoted.ts';
import { STS_TIMEOUT } from './sts-side.ts';

/** The two documents, as their findings are named. */
export type DocumentName = 'DISCOVERY' | 'KEYS';

/** Fault of an answer, before its JSON is looked at. */
export interface AnswerFault {
  readonly code: FindingCode;
  /** False: STS may still take it. */
  readonly isFatal: boolean;
  readonly expected: string;
  readonly found: string;
  /** Advice to whoever runs the web server. */
  readonly advice: string;
}

/** Faults of an answer; one that does not come has none. */
type Judgement = Omit<AnswerFault, 'code'> & { readonly kind: Exclude<FetchFault, 'UNREACHABLE'> };

/** Returns the worst fault of an answer; undefined if its JSON is worth looking at. */
export function judgeAnswer(answer: Fetched, name: DocumentName): AnswerFault | undefined {
  const found = judgeStatus(answer) ?? judgeBody(answer) ?? judgeTime(answer) ?? judgeType(answer);
  if (!found) return undefined;
  const { kind, ...fault } = found;
  return { ...fault, code: `${name}_${kind}` };
}

function judgeStatus({ status, location }: Fetched): Judgement | undefined {
  if (status === 200) return undefined;
  const fault = { isFatal: true, expected: 'is answered with status 200', found: `has status ${status}` };
  if (status === 401 || status === 403) {
    const advice = 'let everybody read it, without a login: a bucket policy, or the rules of the web server';
    return { ...fault, kind: 'NOT_PUBLIC', advice };
  }
  if (status === 404 || status === 410) {
    const advice =
      'publish it there: podrole publish writes both documents to the folder or bucket of the site';
    return { ...fault, kind: 'MISSING', advice };
  }
  if (status >= 300 && status < 400) {
    const to = location === undefined ? '' : `, to ${quoted(location)}`;
    return {
      ...{ ...fault, found: `has status ${status}, a redirect${to}`, kind: 'REDIRECTS' },
      advice: 'serve the document itself at this URL: STS follows no redirect',
    };
  }
  const advice = 'look at the logs of the web server; if it passes by itself, run this again';
  return { ...fault, kind: 'STATUS', advice };
}

function judgeBody({ json, tooLarge, contentType, contentEncoding }: Fetched): Judgement | undefined {
  if (json) return undefined;
  const fault = { isFatal: true, expected: 'is a JSON object' };
  if (tooLarge) {
    const advice = 'serve only the document: 200 keys of 4096 bits are 160 KiB';
    return { ...fault, kind: 'TOO_LARGE', found: 'is larger than 1 MiB', advice };
  }
  const kind = 'NOT_JSON';
  if (contentEncoding !== undefined) {
    const found = `is sent with content-encoding ${quoted(contentEncoding)}, which was not asked for`;
    return { ...fault, kind, found, advice: 'store and serve it uncompressed, without Content-Encoding' };
  }
  const isPage = /html/i.test(contentType);
  return {
    ...{ ...fault, kind },
    found: isPage ? 'is a web page' : 'is not a JSON object',
    advice: isPage
      ? 'serve the document itself: a login page or a default page answers in its place'
      : 'serve the document as podrole publish writes it',
  };
}

function judgeTime({ tookMs }: Fetched): Judgement | undefined {
  const fault = {
    kind: 'SLOW',
    expected: `is answered within ${STS_TIMEOUT}`,
    found: `took ${(tookMs / 1_000).toFixed(1)} s`,
    advice: 'serve it from a place that answers at once, such as a bucket or a CDN',
  } as const;
  if (tookMs > ISSUER_FETCH_TIMEOUT_MS) return { ...fault, isFatal: true };
  return tookMs > ISSUER_FETCH_TIMEOUT_MS / 2 ? { ...fault, isFatal: false } : undefined;
}

function judgeType({ contentType }: Fetched): Judgement | undefined {
  if (JSON_TYPES.test(contentType)) return undefined;
  return {
    kind: 'CONTENT_TYPE',
    isFatal: false,
    expected: 'has the content type application/json',
    found: contentType === '' ? 'has no content type' : `has the content type ${quoted(contentType)}`,
    advice: 'serve it as application/json',
  };
}
