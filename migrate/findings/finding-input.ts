import type { MigrationFacts } from '../facts/migration-facts.ts';
import type { JoinedRoles } from '../join/join-roles.ts';
import type { NamedRole } from '../join/named-roles.ts';
import type { MigratedNamespace, ServiceAccountSplit, WebhookFlags } from '../model.ts';

/** Everything that findings are made from. */
export interface FindingInput extends JoinedRoles {
  readonly facts: MigrationFacts;
  readonly flags: WebhookFlags;
  readonly named: readonly NamedRole[];
  readonly splits: readonly ServiceAccountSplit[];
  readonly namespaces: readonly MigratedNamespace[];
  /** Workloads whose role is refused, and would be with the proposed rules too. */
  readonly refused: readonly NamedRole[];
}
