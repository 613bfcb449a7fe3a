/** Severities of audit findings, the worst first. */
export const SEVERITIES = ['high', 'medium', 'low', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];
