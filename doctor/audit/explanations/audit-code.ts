import type { auditExplanations } from './audit-explanations.ts';

/** Code of an audit finding. Each has an entry in docs/audit.md. */
export type AuditCode = keyof typeof auditExplanations;
