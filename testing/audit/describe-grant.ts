import type { AuditedGrant } from '../../doctor/audit/model.ts';

/** Returns `kind who role pods verdict reasons (served by)` of a grant. */
export function describeGrant(grant: AuditedGrant): string {
  const { kind, namespace, serviceAccount, container, roleArn, pods, verdict, reasons, servedBy } = grant;
  const served = servedBy ? ` (${servedBy})` : '';
  const who = [namespace, serviceAccount, ...(container === undefined ? [] : [container])].join('/');
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return `${kind} ${who} ${role} [${pods}] ${verdict} ${reasons.join('; ')}${served}`;
}
