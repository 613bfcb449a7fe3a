import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { RoleFactsOfDoctor } from '../../facts/aws-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import type { Reading } from '../../facts/reading.ts';
import { line } from '../remedies/commands.ts';
import { effectOf, type PolicyEffect } from './permissions/policy-effect.ts';
import { NO_ROLE, otherAccountRemedy, termsOf } from './terms.ts';

const { ok, warning, unknown } = findingsOf('permissions');

/** Judges whether the policies of the role allow anything at all. */
export const permissions: Link = {
  id: 'permissions',
  title: 'permissions',
  needs: ['annotation', 'role'],
  judge,
};

function judge(facts: ChainFacts): readonly [Finding, ...Finding[]] {
  const terms = termsOf(facts);
  if (!terms) return [unknown('permissions', NO_ROLE)];
  const { object } = terms;
  const role = facts.aws.role;
  const reading = role.state === 'read' ? role.value.policies : role;
  if (reading.state !== 'read') {
    const remedy = otherAccountRemedy(facts, terms);
    return [{ ...unknown(object, reading), ...(remedy && { remedy }) }];
  }
  const policies = reading.value.map((policy) => ({ ...policy, effect: readEffect(policy.document) }));
  const own = policies.filter(({ kind }) => kind !== 'boundary');
  const question = {
    object,
    name: terms.role.name,
    own,
    boundary: policies.find((one) => !own.includes(one)),
  };
  const [first, ...more] = [...deniedAll(question), ...allowedNothing(question), ...boundaryFaults(question)];
  return first ? [first, ...more] : [fine(question)];
}

type Policy = Extract<RoleFactsOfDoctor['policies'], { state: 'read' }>['value'][number];
type JudgedPolicy = Policy & { readonly effect: PolicyEffect | undefined };

interface Question {
  readonly object: string;
  /** Name of the role. */
  readonly name: string;
  readonly own: readonly JudgedPolicy[];
  readonly boundary: JudgedPolicy | undefined;
}

/** Undefined if the document could not be read. */
function readEffect(document: Reading<unknown>): PolicyEffect | undefined {
  return document.state === 'read' ? effectOf(document.value) : undefined;
}

function fine({ object, own, boundary }: Question): Finding {
  const unread = own.filter(({ effect }) => !effect).length;
  const found = `has ${own.length === 1 ? 'one policy' : `${own.length} policies`}${unread > 0 ? `, ${unread} of them unread` : ''}`;
  return ok(object, found, linesOf(boundary ? [...own, boundary] : own));
}

function linesOf(policies: readonly JudgedPolicy[]): readonly string[] {
  return policies.map(({ kind, name, effect, document }) => {
    const what = kind === 'boundary' ? 'permissions boundary' : `${kind} policy`;
    if (!effect) return `${what} ${name}: ${document.state === 'absent' ? 'does not exist' : 'not read'}`;
    return `${what} ${name}${effect.allowsAll ? ': allows everything' : ''}`;
  });
}

function allowedNothing({ object, own, boundary }: Question): readonly Finding[] {
  const expected = 'has policies that allow what its pods do';
  const text =
    'give the role policies, by podrole bind with --attach-policy-arn or --policy-file, or by the tool that made it';
  if (own.length === 0) {
    const found =
      'has no policies: its session may do nothing, unless the policy of a resource names the role';
    return [warning('ROLE_WITHOUT_POLICIES', { object, expected, found, remedy: { text, commands: [] } })];
  }
  if (own.some(({ effect }) => !effect || effect.allows)) return [];
  const found = 'has policies without an Allow: its session may do nothing';
  const details = linesOf(boundary ? [...own, boundary] : own);
  return [
    warning('ROLE_ALLOWS_NOTHING', { object, expected, found, remedy: { text, commands: [] }, details }),
  ];
}

function deniedAll({ object, own, boundary }: Question): readonly Finding[] {
  return [...own, ...(boundary ? [boundary] : [])].flatMap((policy) =>
    (policy.effect?.deniesAll ?? []).map(({ name, conditionKeys }) => {
      const isWhole = conditionKeys.length === 0;
      const under = isWhole ? '' : ` under conditions on ${conditionKeys.join(', ')}`;
      return warning(isWhole ? 'ROLE_DENIES_EVERYTHING' : 'ROLE_DENIES_CONDITIONALLY', {
        object,
        expected: 'has no statement that denies every action',
        found: `${policy.kind} policy ${policy.name} denies every action by ${name}${under}`,
        remedy: {
          text: conditionKeys.some((key) => key.toLowerCase() === 'aws:tokenissuetime')
            ? 'restart the pods if their sessions were revoked: new ones are not denied'
            : `remove ${name} from the policy if it is not wanted`,
          commands: [],
        },
      });
    }),
  );
}

function boundaryFaults({ object, name, boundary }: Question): readonly Finding[] {
  if (!boundary) return [];
  const commands = [line(['aws', 'iam', 'delete-role-permissions-boundary', '--role-name', name])];
  const expected = 'has a permissions boundary that allows what its pods do';
  const found = `has the permissions boundary ${boundary.name}, which`;
  if (boundary.document.state === 'absent') {
    const text = 'create that policy again, give the role another boundary, or remove it';
    return [
      warning('BOUNDARY_MISSING', {
        object,
        expected,
        found: `${found} does not exist: nothing is allowed`,
        remedy: { text, commands },
      }),
    ];
  }
  if (!boundary.effect) return [];
  if (!boundary.effect.allows) {
    const text = 'let the boundary allow what the pods do: what it does not allow is denied';
    return [
      warning('BOUNDARY_ALLOWS_NOTHING', {
        object,
        expected,
        found: `${found} allows nothing`,
        remedy: { text, commands: [] },
      }),
    ];
  }
  if (!boundary.effect.allowsAll) return [];
  const text = 'give the role a boundary that limits it, or remove this one';
  return [
    warning('BOUNDARY_WITHOUT_EFFECT', {
      object,
      expected: 'has a permissions boundary that limits it, or none',
      found: `${found} allows everything, and so limits nothing`,
      remedy: { text, commands },
    }),
  ];
}
