import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../doctor/chain/finding.ts';
import type { FindingCode } from '../../doctor/explanations/finding-code.ts';
import type { ChainFacts } from '../../doctor/facts/chain-facts.ts';
import { judgeChain } from '../../doctor/judge/judge-chain.ts';
import { certificate } from '../../doctor/links/issuer/certificate.ts';
import { discovery } from '../../doctor/links/issuer/discovery.ts';
import { issuer } from '../../doctor/links/issuer/issuer.ts';
import { keys } from '../../doctor/links/issuer/keys.ts';
import { HEALTHY_ISSUER } from './issuer-facts.ts';
import { read } from './reading.ts';

/** Judges the four links of an issuer. */
export function judgeIssuerLinks(facts: ChainFacts): readonly Finding[] {
  return judgeChain([issuer, discovery, keys, certificate], facts);
}

/** State and code of the first finding that is not ok, and words of what was found. */
export type IssuerCase = readonly [
  name: string,
  facts: ChainFacts,
  state: Finding['state'],
  code?: FindingCode | undefined,
  found?: RegExp,
];

export function testIssuerCases(cases: readonly IssuerCase[]): void {
  for (const [name, facts, state, code, found] of cases) {
    test(`${name}: ${state} ${code ?? ''}`, () => {
      const first = judgeIssuerLinks(facts).find((finding) => finding.state !== 'ok');
      assert.deepEqual([first?.state, first?.code], [state, code]);
      if (found) assert.match(first?.found ?? '', found);
      if (state === 'broken' || state === 'warning') assert.ok(first?.remedy?.text && first.expected);
    });
  }
}

/** Tests facts for which every link is ok. */
export function testHealthyIssuers(cases: readonly (readonly [name: string, facts: ChainFacts])[]): void {
  for (const [name, facts] of cases) {
    test(`healthy: ${name}`, () => {
      const states = judgeIssuerLinks(facts).map(({ link, state }) => `${link} ${state}`);
      assert.deepEqual(states, ['issuer ok', 'discovery ok', 'keys ok', 'certificate ok']);
    });
  }
}

type Reading = ChainFacts['aws']['exchange'];
type Outcome = Extract<Reading, { state: 'read' }>['value']['outcome'];

const assumedRoleArn = 'arn:aws:sts::123456789012:assumed-role/web/s';
/** Answers of STS. */
export const SESSION = exchange({ kind: 'session', assumedRoleArn, expiresAt: '2026-11-29T13:00:00.000Z' });
export const REFUSED = exchange({ kind: 'refused', status: 400, code: 'InvalidIdentityToken', said: '' });
export const NO_STS = exchange({ kind: 'unreachable', reason: 'dns', said: '' });

function exchange(outcome: Outcome): Reading {
  return read({
    endpoint: 'https://sts.us-east-1.amazonaws.com',
    region: 'us-east-1',
    isProxied: false,
    tookMs: 90,
    outcome,
  });
}

/** Returns the OIDC provider of the issuer. */
export function providerWith(thumbprints: readonly string[]): ChainFacts['aws']['provider'] {
  return read({ arn: 'arn', issuer: HEALTHY_ISSUER, clientIds: ['sts.amazonaws.com'], thumbprints });
}

export const DENIED = {
  state: 'denied',
  needs: 'create on serviceaccounts/token',
  said: 'forbidden',
} as const;

const audience = 'sts.amazonaws.com';
/** Roles of AWS and of other servers. */
export const AWS_ROLE = { roleArn: 'arn:aws:iam::123456789012:role/web', audience };
export const RADOSGW = { roleArn: 'arn:aws:iam::RGW11111111111111111:role/web', audience };
export const MINIO = { roleArn: 'arn:minio:iam:::role/dummy-internal', audience };

/** Settings with an STS of the user. */
export function settingsWithSts(stsEndpointUrl: string): ChainFacts['settings'] {
  return { annotationPrefix: 'eks.amazonaws.com', tokenAudience: audience, stsEndpointUrl };
}
