import { awsAccountOf, oddityOf, parseRoleArn } from '../../../lib/arn.ts';
import { nearestName } from '../../../lib/text/nearest-name.ts';
import type { Finding } from '../../chain/finding.ts';
import { findingsOf } from '../../chain/findings-of.ts';
import type { Link } from '../../chain/link.ts';
import type { RoleFactsOfDoctor } from '../../facts/aws-facts.ts';
import type { ChainFacts } from '../../facts/chain-facts.ts';
import { bindCommand, bindTo, line } from '../remedies/commands.ts';
import { patchCommands } from '../remedies/template-commands.ts';
import { NO_ROLE, otherAccountRemedy, type Terms, termsOf } from './terms.ts';

const { ok, broken, warning, unknown } = findingsOf('role');

/** Judges whether the role exists under exactly the ARN that the pod presents. */
export const role: Link = {
  id: 'role',
  title: 'role',
  needs: ['annotation'],
  judge: (facts) => [judge(facts)],
};

function judge(facts: ChainFacts): Finding {
  const terms = termsOf(facts);
  if (!terms) return unknown('role', NO_ROLE);
  const { object } = terms;
  const reading = facts.aws.role;
  if (reading.state === 'absent') return missing(facts, terms);
  if (reading.state !== 'read') {
    const own = ownTwin(facts);
    if (own !== undefined && isRefused(facts)) return otherAccount(facts, terms, own);
    const remedy = otherAccountRemedy(facts, terms);
    return { ...unknown(object, reading), ...(remedy && { remedy }) };
  }
  const found = reading.value;
  if (found.arn !== terms.role.arn) return otherArn(facts, terms, found);
  const tags = Object.keys(found.tags);
  if (awsAccountOf(terms.role) === undefined && tags.length > 0) return tagged(terms, tags);
  return ok(object, 'exists', oddities(terms));
}

/** ARN of the role of the same name in the account of the credentials, if the role is in another account. */
function ownTwin({ aws: { role, roleArns } }: ChainFacts): string | undefined {
  return role.state === 'not asked' && roleArns.state === 'read' ? roleArns.value[0] : undefined;
}

/** STS does not let the token assume the role, which may be a role that does not exist. */
function isRefused({ aws: { exchange } }: ChainFacts): boolean {
  const outcome = exchange.state === 'read' ? exchange.value.outcome : undefined;
  return outcome?.kind === 'refused' && outcome.code === 'AccessDenied';
}

function otherAccount(facts: ChainFacts, { object, role }: Terms, own: string): Finding {
  return broken('ROLE_OTHER_ACCOUNT', {
    object,
    expected: 'is a role of the account that is meant',
    found: `is refused by STS; your own account has a role of that name, ${own}`,
    remedy: {
      text: `if that role is meant, ${rebinding(facts)}; else look at the role with credentials of account ${role.account}`,
      commands: rebind(facts, own),
    },
  });
}

function oddities({ role }: Terms): readonly string[] {
  const oddity = oddityOf(role);
  return oddity === undefined ? [] : [`it ${oddity}`];
}

/** A role name differs in a few characters if it was mistyped; the names of two roles do so as well. */
const MAX_EDITS = 2;

function missing(facts: ChainFacts, terms: Terms): Finding {
  const { role, object } = terms;
  const arns = facts.aws.roleArns.state === 'read' ? facts.aws.roleArns.value : [];
  const names = new Map(arns.map((arn) => [parseRoleArn(arn)?.name ?? arn, arn]));
  const near = names.get(nearestName(role.name, [...names.keys()], MAX_EDITS) ?? '');
  const expected = 'exists';
  if (near === undefined) {
    const path = role.path === '/' ? [] : ['--role-path', role.path];
    return broken('ROLE_MISSING', {
      object,
      expected,
      found: 'does not exist',
      remedy: {
        text: 'create the role and give it its policies (--attach-policy-arn, --policy-file), or bind the ServiceAccount to another role',
        commands: [bindCommand(facts, '--role-name', role.name, ...path)],
      },
      details: oddities(terms),
    });
  }
  return broken('ROLE_NEAR_MISS', {
    object,
    expected,
    found: `does not exist; ${near} is almost the same`,
    remedy: {
      text: `if that role is meant, ${rebinding(facts)}`,
      commands: rebind(facts, near),
    },
    details: oddities(terms),
  });
}

/** IAM finds a role by its name alone; STS compares the whole ARN. */
function otherArn(facts: ChainFacts, { object, role }: Terms, found: RoleFactsOfDoctor): Finding {
  const parts = parseRoleArn(found.arn);
  const isPath = parts?.account === role.account && parts.partition === role.partition;
  return broken('ROLE_OTHER_PATH', {
    object,
    expected: 'is the ARN of a role, with its path',
    found: isPath
      ? `does not exist: the role of that name has the path ${parts.path}`
      : `does not exist: the role of that name is ${found.arn}`,
    remedy: {
      text: `${found.arn} is the ARN: ${rebinding(facts)}`,
      commands: rebind(facts, found.arn),
    },
  });
}

function rebinding({ podRole }: ChainFacts): string {
  return podRole
    ? 'write it in the template of the pod'
    : 'bind the ServiceAccount to it, and restart its pods';
}

function rebind(facts: ChainFacts, roleArn: string): readonly string[] {
  if (facts.podRole)
    return patchCommands(facts, { metadata: { annotations: { [facts.podRole.key]: roleArn } } });
  return [bindTo(facts, roleArn, '--override-existing-serviceaccounts', '--restart')];
}

function tagged({ object, role }: Terms, tags: readonly string[]): Finding {
  const call = ['aws', 'iam', 'untag-role', '--role-name', role.name, '--tag-keys', ...tags];
  return warning('ROLE_HAS_TAGS', {
    object,
    expected: 'has no tags, if this server is Ceph radosgw',
    found: `has the tags ${tags.join(', ')}, and radosgw refuses every token for a role that has tags`,
    remedy: {
      text: 'remove the tags; podrole bind makes roles without tags with --ownership-tags=false',
      commands: [line(call)],
    },
  });
}
