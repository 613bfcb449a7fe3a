import type { Exchange } from '../../credentials/pool/exchange-once.ts';
import {
  openSessionPool,
  type SessionPool,
  type SessionPoolOptions,
} from '../../credentials/pool/session-pool.ts';
import type { SessionSource } from '../../credentials/session.ts';
import type { ExchangeResult } from '../../credentials/session-keeper.ts';
import type { HostContainer } from '../containers/host-container.ts';
import type { ContainerGrant } from '../roles/container-grant.ts';

export interface ContainerSessionsOptions extends Omit<SessionPoolOptions, 'keeper'> {
  readonly exchange: (container: HostContainer, grant: ContainerGrant) => Exchange;
  /** Called after each exchange; must not throw. */
  readonly onResult: (container: HostContainer, grant: ContainerGrant, result: ExchangeResult) => void;
}

/** Sessions of the containers of a host: one for each container, of the role that it has now. */
export interface ContainerSessions extends Omit<SessionPool, 'sessionsOf'> {
  /** Begins a new role of a container: drops the session that it has. */
  readonly sessionsOf: (container: HostContainer, grant: ContainerGrant) => SessionSource;
}

/** Keeps the sessions of the containers of a host. */
export function openContainerSessions(options: ContainerSessionsOptions): ContainerSessions {
  const { exchange, onResult, ...others } = options;
  const pool = openSessionPool({ ...others, keeper: 'podrole docker' });
  return {
    ...pool,
    sessionsOf: (container, grant) => {
      pool.forget(container.id);
      return pool.sessionsOf({
        owner: { id: container.id, name: `container ${container.name}` },
        key: JSON.stringify([grant.role.arn, grant.sessionPolicy]),
        createExchange: () => exchange(container, grant),
        onResult: (result) => onResult(container, grant, result),
      });
    },
  };
}
