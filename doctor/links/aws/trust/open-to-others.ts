import { openStatements } from '../../../../bind/list/judge-trust.ts';
import type { TrustEntry } from '../../../../bind/trust/trust-entry.ts';
import { type TrustFinding, trustFindings } from '../../../../bind/trust/trust-findings.ts';
import { isOfIssuer } from '../../../../bind/trust/trust-policy-parts.ts';
import { withConditions } from '../../../../bind/trust/trust-statement.ts';
import { issuerHostPath } from '../../../../lib/issuer.ts';
import { asObject } from '../../../../lib/json/json.ts';
import type { FindingCode } from '../../../explanations/finding-code.ts';
import { replaceTrustPolicy, withStatements } from '../../remedies/commands.ts';

/** A part of a trust policy that lets in more than the ServiceAccount. */
export interface Openness {
  readonly code: FindingCode;
  /** Rest of a sentence that begins with the trust policy. */
  readonly found: string;
  readonly advice: string;
  readonly commands: readonly string[];
}

interface OpennessKind extends Pick<Openness, 'code' | 'advice'> {
  readonly kinds: readonly TrustFinding['code'][];
  /** A condition is missing, and can be added. */
  readonly isMissing: boolean;
}

const ADD_CONDITIONS =
  'add the missing conditions; the command lets in only this ServiceAccount, so first name the others that use the role';

/** The worst first. */
const CODES: readonly OpennessKind[] = [
  { code: 'TRUST_POLICY_NO_SUBJECT', kinds: ['NO_SUBJECT'], advice: ADD_CONDITIONS, isMissing: true },
  { code: 'TRUST_POLICY_NO_AUDIENCE', kinds: ['NO_AUDIENCE'], advice: ADD_CONDITIONS, isMissing: true },
  {
    code: 'TRUST_POLICY_WILDCARD',
    kinds: ['WILDCARD_SUBJECT', 'WILDCARD_AUDIENCE'],
    advice: 'name each ServiceAccount and audience that may use the role, without wildcards',
    isMissing: false,
  },
];

/** Returns what a trust policy lets in besides the tokens of an entry, the worst first. */
export function openToOthers(policy: unknown, entry: TrustEntry, roleName: string): readonly Openness[] {
  const findings = trustFindings(policy, entry.issuer);
  const narrow = replaceTrustPolicy(roleName, narrowed(policy, entry));
  const open = openStatements(policy);
  const ofAll: Openness = {
    code: 'TRUST_POLICY_ANY_ISSUER',
    found: `names no provider in ${firstOf(open, ', ')}: tokens of every issuer of the account get in`,
    advice: `name the provider there, ${entry.providerArn}, or remove the statement`,
    commands: [],
  };
  const ofIssuer = CODES.flatMap(({ code, kinds, advice, isMissing }): readonly Openness[] => {
    const found = findings.filter((finding) => kinds.some((kind) => kind === finding.code));
    const said = firstOf(
      found.map(({ statement, text }) => `${statement} ${text}`),
      '; ',
    );
    return found.length === 0 ? [] : [{ code, found: said, advice, commands: isMissing ? narrow : [] }];
  });
  return [...(open.length > 0 ? [ofAll] : []), ...ofIssuer];
}

/** Most statements that are named. */
const SHOWN = 3;

function firstOf(items: readonly string[], separator: string): string {
  const more = items.length > SHOWN ? `, and ${items.length - SHOWN} more` : '';
  return `${items.slice(0, SHOWN).join(separator)}${more}`;
}

/** Adds the conditions on subject and audience to each statement of the issuer that lacks one of them. */
function narrowed(policy: unknown, entry: TrustEntry): unknown {
  const key = issuerHostPath(entry.issuer);
  return withStatements(policy, (raw) => {
    const statement = asObject(raw);
    if (!statement || !isOfIssuer(raw, entry.issuer)) return raw;
    const codes = trustFindings({ Statement: [raw] }, entry.issuer).map(({ code }) => code);
    const missing = [
      ...(codes.includes('NO_SUBJECT') ? [[`${key}:sub`, entry.subject] as const] : []),
      ...(codes.includes('NO_AUDIENCE') ? [[`${key}:aud`, entry.audience] as const] : []),
    ].map(([claim, value]) => ({ operator: 'StringEquals', key: claim, values: [value] }));
    if (missing.length === 0) return raw;
    return { ...statement, Condition: withConditions(asObject(statement['Condition']) ?? {}, missing) };
  });
}
