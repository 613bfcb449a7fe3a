import { PodroleError } from '../../lib/errors.ts';
import { type ApiAnswer, type ApiClient, describeAnswer, type Limits } from '../api-client.ts';
import { apiPath } from '../api-path.ts';
import { remedyFor } from '../api-refusal.ts';
import { type LeaseRecord, leaseObject, parseLease, type StoredLease } from './record.ts';

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** One Lease, changed by compare-and-swap. */
export interface LeaseStore {
  /** Name for messages: `Lease podrole/podrole-publisher`. */
  readonly name: string;
  /**
   * @returns undefined if there is none
   * @throws PodroleError `LEASE_REFUSED`, `API_UNREACHABLE`
   */
  read(limits: Limits): Promise<StoredLease | undefined>;
  /**
   * @param previous the Lease as it was read; undefined to create it
   * @returns `raced` if another process has changed, created or deleted it since
   * @throws PodroleError `LEASE_REFUSED`, `API_UNREACHABLE`; after the latter the change may have been made
   */
  write(
    record: LeaseRecord,
    previous: StoredLease | undefined,
    limits: Limits,
  ): Promise<StoredLease | 'raced'>;
}

/** Creates the store of a Lease in an API server. [k8s] coordination.k8s.io/v1 */
export function leaseStore(client: Pick<ApiClient, 'get' | 'send'>, lease: LeaseName): LeaseStore {
  const leases = apiPath('/apis/coordination.k8s.io/v1', 'namespaces', lease.namespace, 'leases');
  const path = apiPath('/apis/coordination.k8s.io/v1', 'namespaces', lease.namespace, 'leases', lease.name);
  const name = `Lease ${lease.namespace}/${lease.name}`;

  return {
    name,
    read: async (limits) => {
      const answer = await client.get(path, limits);
      if (answer.status === 404) return undefined;
      return leaseOf(answer, 200);
    },
    write: async (record, previous, limits) => {
      const body = leaseObject(lease, record, previous);
      if (previous === undefined) {
        const answer = await client.send({ method: 'POST', path: leases, body }, limits);
        return answer.status === 409 ? 'raced' : leaseOf(answer, 201);
      }
      const answer = await client.send({ method: 'PUT', path, body }, limits);
      return answer.status === 409 || answer.status === 404 ? 'raced' : leaseOf(answer, 200);
    },
  };

  function leaseOf(answer: ApiAnswer, expectedStatus: number): StoredLease {
    const stored = answer.status === expectedStatus ? parseLease(answer.body) : undefined;
    if (stored) return stored;
    throw new PodroleError({
      code: 'LEASE_REFUSED',
      object: name,
      problem: `the API server ${describeAnswer(answer)}`,
      remedy: remedyFor(
        answer,
        'allow this account the verbs get, create and update on leases of the namespace, which must exist',
      ),
    });
  }
}
