import { IAM_OIDC_PROVIDER } from '../../lib/contract/iam.ts';
import { IAM_MANAGED_BY, IAM_TAG } from '../../lib/contract/podrole.ts';
import type { Fault } from '../../lib/errors.ts';
import type { DesiredProvider } from '../desired/desired.ts';
import type { ProviderFacts } from '../iam/iam-facts.ts';
import { tagList } from '../iam/tag-list.ts';
import { nearMisses } from './near-miss.ts';
import type { Plan, PlanStep } from './plan-step.ts';

export interface ProviderOptions {
  readonly desired: DesiredProvider;
  /**
   * SHA-1 in hex, lower case; empty: none was given and none could be read, so an existing provider keeps its
   * own.
   */
  readonly thumbprints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Removes client IDs and thumbprints that are not asked for. */
  readonly prune: boolean;
}

/**
 * Plans an OIDC provider. An existing one is adopted: it gets what it lacks, and loses nothing without
 * `prune`.
 * @param facts undefined if the provider certainly does not exist
 * @param accountArns ARNs of all providers of the account
 */
export function planProvider(
  given: ProviderOptions,
  facts: ProviderFacts | undefined,
  accountArns: readonly string[],
): Plan {
  const options = { ...given, thumbprints: [...new Set(given.thumbprints)] };
  const { arn, issuer } = options.desired;
  const object = `OIDC provider ${arn}`;
  const steps = facts ? reconcile(options, facts, object) : [create(options, object)];
  const notes = nearMisses(issuer, accountArns).map(
    (near) =>
      `${near} differs from the issuer ${issuer} only in case or slashes; for STS it is another issuer`,
  );
  return { steps, notes, faults: limitFaults(options, facts, accountArns, object) };
}

function create({ desired, thumbprints, tags }: ProviderOptions, object: string): PlanStep {
  const { issuer, clientIds } = desired;
  const prints = thumbprints.length > 0 ? `thumbprint ${thumbprints.join(', ')}` : 'thumbprint left to AWS';
  return {
    object,
    action: `create, client ID ${clientIds.join(', ')}, ${prints}`,
    call: {
      service: 'iam',
      operation: 'CreateOpenIDConnectProvider',
      input: {
        Url: issuer,
        ClientIDList: [...clientIds],
        ...(thumbprints.length > 0 ? { ThumbprintList: [...thumbprints] } : {}),
        Tags: tagList({ ...tags, [IAM_TAG.managedBy]: IAM_MANAGED_BY }),
      },
    },
  };
}

function reconcile(options: ProviderOptions, facts: ProviderFacts, object: string): readonly PlanStep[] {
  return [
    ...clientIdSteps(options, facts, object),
    ...thumbprintSteps(options, facts, object),
    ...tagSteps(options, facts, object),
  ];
}

function clientIdSteps(
  { desired, prune }: ProviderOptions,
  facts: ProviderFacts,
  object: string,
): readonly PlanStep[] {
  const missing = desired.clientIds.filter((id) => !facts.clientIds.includes(id));
  const surplus = prune ? facts.clientIds.filter((id) => !desired.clientIds.includes(id)) : [];
  const inputOf = (ClientID: string) => ({ OpenIDConnectProviderArn: desired.arn, ClientID });
  return [
    ...missing.map((id): PlanStep => {
      const operation = 'AddClientIDToOpenIDConnectProvider';
      return {
        object,
        action: `add client ID ${id}`,
        call: { service: 'iam', operation, input: inputOf(id) },
      };
    }),
    ...surplus.map((id): PlanStep => {
      const operation = 'RemoveClientIDFromOpenIDConnectProvider';
      return {
        object,
        action: `remove client ID ${id}: its tokens are refused from then on`,
        call: { service: 'iam', operation, input: inputOf(id) },
      };
    }),
  ];
}

function thumbprintSteps(
  options: ProviderOptions,
  facts: ProviderFacts,
  object: string,
): readonly PlanStep[] {
  const thumbprints = thumbprintsOf(options, facts);
  if (sameSet(thumbprints, facts.thumbprints)) return [];
  const removed = facts.thumbprints.filter((print) => !thumbprints.includes(print));
  return [
    {
      object,
      action: `change thumbprints${removed.length > 0 ? `, and remove ${removed.join(', ')}` : ''}`,
      document: { name: 'thumbprints', before: facts.thumbprints, after: thumbprints },
      call: {
        service: 'iam',
        operation: 'UpdateOpenIDConnectProviderThumbprint',
        input: { OpenIDConnectProviderArn: options.desired.arn, ThumbprintList: [...thumbprints] },
      },
    },
  ];
}

function tagSteps(
  { desired, tags }: ProviderOptions,
  facts: ProviderFacts,
  object: string,
): readonly PlanStep[] {
  const missing = Object.entries(tags).filter(([key, value]) => facts.tags[key] !== value);
  if (missing.length === 0) return [];
  return [
    {
      object,
      action: `set tags ${missing.map((pair) => pair.join('=')).join(', ')}`,
      call: {
        service: 'iam',
        operation: 'TagOpenIDConnectProvider',
        input: { OpenIDConnectProviderArn: desired.arn, Tags: tagList(Object.fromEntries(missing)) },
      },
    },
  ];
}

/** A missing thumbprint comes before the existing ones, which may be of a future certificate. */
function thumbprintsOf(
  { thumbprints, prune }: ProviderOptions,
  facts: ProviderFacts | undefined,
): readonly string[] {
  if (!facts) return thumbprints;
  if (thumbprints.length === 0) return facts.thumbprints;
  if (prune) return thumbprints;
  const hasAll = thumbprints.every((print) => facts.thumbprints.includes(print));
  return hasAll ? facts.thumbprints : [...new Set([...thumbprints, ...facts.thumbprints])];
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item) => other.includes(item));
}

function limitFaults(
  options: ProviderOptions,
  facts: ProviderFacts | undefined,
  accountArns: readonly string[],
  object: string,
): readonly Fault[] {
  const { desired, prune } = options;
  const { maxClientIds, maxThumbprints, maxPerAccount } = IAM_OIDC_PROVIDER;
  const thumbprints = thumbprintsOf(options, facts);
  const faults: Fault[] = [];
  const report = (problem: string, remedy: string) =>
    faults.push({ code: 'IAM_QUOTA', object, problem, remedy });
  const clientIds = new Set([...(prune ? [] : (facts?.clientIds ?? [])), ...desired.clientIds]);
  if (clientIds.size > maxClientIds) {
    report(
      `would have ${clientIds.size} client IDs, but IAM accepts at most ${maxClientIds}`,
      'remove some that no token uses',
    );
  }
  if (thumbprints.length > maxThumbprints) {
    report(
      `would have ${thumbprints.length} thumbprints, but IAM accepts at most ${maxThumbprints}`,
      facts && !prune
        ? 'run podrole provider ensure --prune to keep only those that you ask for'
        : 'give fewer',
    );
  }
  if (!facts && accountArns.length >= maxPerAccount) {
    report(
      `would be number ${accountArns.length + 1} in the account, but IAM accepts at most ${maxPerAccount}`,
      'delete one that no cluster uses',
    );
  }
  return faults;
}
