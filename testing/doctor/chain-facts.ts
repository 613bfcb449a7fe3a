import type { ChainFacts } from '../../doctor/facts/chain-facts.ts';
import { DEFAULT_ANNOTATION_PREFIX, DEFAULT_TOKEN_AUDIENCE } from '../../lib/contract/aws-webhook.ts';

const NOT_ASKED = { state: 'not asked', why: 'the test does not need it' } as const;

/** Returns facts of ServiceAccount shop/web of which nothing was read but what the test gives. */
export function chainFacts(given: Partial<ChainFacts> = {}): ChainFacts {
  return {
    collectedAt: '2026-11-29T12:00:00.000Z',
    subject: { kind: 'serviceaccount', namespace: 'shop', name: 'web' },
    serviceAccountName: 'web',
    settings: { annotationPrefix: DEFAULT_ANNOTATION_PREFIX, tokenAudience: DEFAULT_TOKEN_AUDIENCE },
    cluster: {
      context: 'kind',
      namespaceLabels: NOT_ASKED,
      serviceAccount: NOT_ASKED,
      webhooks: NOT_ASKED,
      dryRun: NOT_ASKED,
      pod: NOT_ASKED,
      events: NOT_ASKED,
      nodeAgents: NOT_ASKED,
      apiServer: NOT_ASKED,
      token: NOT_ASKED,
      apiServerAcceptsToken: NOT_ASKED,
      clockSkewSeconds: NOT_ASKED,
    },
    aws: {
      account: NOT_ASKED,
      provider: NOT_ASKED,
      providerArns: NOT_ASKED,
      role: NOT_ASKED,
      roleArns: NOT_ASKED,
      exchange: NOT_ASKED,
    },
    ...given,
  };
}
