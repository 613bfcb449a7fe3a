import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openIam } from '../../../bind/iam/open-iam.ts';
import { useBindSite } from '../../../testing/bind/bind-site.ts';
import { answerOf } from '../../../testing/doctor/issuer-facts.ts';
import { read } from '../../../testing/doctor/reading.ts';
import type { IssuerFacts, Unanswered } from '../../facts/issuer-facts.ts';
import type { AuditProvider } from '../facts/audit-facts.ts';
import { collectAuditedIam } from './collect-audited-iam.ts';

const site = useBindSite();
const failed = (reason: Unanswered['reason']) => read({ url: '', reason, said: `${reason}!` });
const status = (code: number) => answerOf('', { status: code });
const LEFT = { state: 'not asked', why: 'a test' } as const;

/** Each case: the discovery documents of the audited issuer and of others, and how each other is served. */
const CASES: readonly (readonly [
  own: IssuerFacts['discovery'],
  others: readonly IssuerFacts['discovery'][],
  served: readonly AuditProvider['served'][],
  isSilent: boolean,
])[] = [
  [status(200), [status(200), failed('dns')], ['yes', { no: 'dns!' }], false],
  [status(200), [failed('refused'), failed('timeout')], [{ no: 'refused!' }, { no: 'timeout!' }], false],
  [status(404), [failed('certificate')], [{ no: 'certificate!' }], false],
  [status(200), [status(404), status(403)], [{ no: 'it answered 404' }, { no: 'it answered 403' }], false],
  // It may pass.
  [status(200), [status(503), status(429)], ['not asked', 'not asked'], false],
  // The network of this machine.
  [status(200), [failed('proxy')], ['not asked'], false],
  [failed('dns'), [failed('dns'), failed('timeout')], ['not asked', 'not asked'], true],
  [LEFT, [LEFT], ['not asked'], false],
];

for (const [at, [own, others, served, isSilent]] of CASES.entries()) {
  test(`a provider is dead only if its issuer is: case ${at}`, async () => {
    const answers = new Map([own, ...others].map((answer, of) => [`https://i${of}.example.test`, answer]));
    for (const issuer of answers.keys()) {
      const url = issuer.slice('https://'.length);
      const provider = { url, clientIds: new Set<string>(), thumbprints: [], tags: new Map() };
      site.iam.providers.set(`arn:aws:iam::111122223333:oidc-provider/${url}`, provider);
    }
    const iam = await openIam(undefined, process.env);
    const facts = await collectAuditedIam({
      iam,
      env: process.env,
      issuers: ['https://i0.example.test'],
      progress: { show: () => {}, clear: () => {} },
      collectIssuer: async (url) => ({
        url,
        addresses: LEFT,
        isProxied: false,
        discovery: answers.get(url) ?? LEFT,
        keySet: LEFT,
        privateMembers: {},
        chain: LEFT,
      }),
    });
    iam.destroy();
    assert.deepEqual(
      facts.providers?.map((provider) => provider.served),
      ['not asked', ...served],
    );
    assert.equal(
      facts.unread.some((text) => /^issuers of OIDC providers: none answered/.test(text)),
      isSilent,
    );
  });
}
