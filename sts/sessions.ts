import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { RoleArn } from '../lib/arn.ts';
import type { IdentityPolicy } from './identity-policy.ts';

export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
  /**
   * `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`: without the role's path. [iam] "IAM identifiers"
   */
  readonly arn: string;
  /** Unique id of the role, colon, session name. */
  readonly assumedRoleId: string;
  readonly account: string;
  readonly role: RoleArn;
  /** Session tags; none without a chained call. */
  readonly tags: readonly SessionTag[];
  /** Session policy: the session may do only what it allows as well. */
  readonly policy: IdentityPolicy | undefined;
}

export interface SessionTag {
  readonly key: string;
  readonly value: string;
  /** The sessions that this one obtains have it too. */
  readonly isTransitive: boolean;
}

export interface SessionRequest {
  readonly role: RoleArn;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags?: readonly SessionTag[];
  readonly policy?: IdentityPolicy | undefined;
}

/**
 * The sessions of a local STS, in memory, up to a limit. Expired sessions are removed first, then the oldest.
 */
export interface Sessions {
  readonly issue: (request: SessionRequest) => Session;
  /** Finds a session by its access key, also after it has expired. */
  readonly find: (accessKeyId: string) => Session | undefined;
}

/** @param now the current time */
export function createSessions(now: () => Date, maxSessions = 10_000): Sessions {
  const byAccessKey = new Map<string, Session>();

  const makeRoom = () => {
    if (byAccessKey.size < maxSessions) return;
    for (const { accessKeyId, expiresAt } of byAccessKey.values()) {
      if (expiresAt <= now()) byAccessKey.delete(accessKeyId);
    }
    for (const accessKeyId of byAccessKey.keys()) {
      if (byAccessKey.size < maxSessions) return;
      byAccessKey.delete(accessKeyId);
    }
  };

  return {
    issue: ({ role, sessionName, durationSeconds, tags = [], policy }) => {
      makeRoom();
      const session = {
        accessKeyId: `ASIA${randomBase32(16)}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(180).toString('base64'),
        expiresAt: new Date(now().getTime() + durationSeconds * 1_000),
        arn: `arn:${role.partition}:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
        assumedRoleId: `${roleId(role)}:${sessionName}`,
        account: role.account,
        role,
        tags,
        policy,
      };
      byAccessKey.set(session.accessKeyId, session);
      return session;
    },
    find: (accessKeyId) => byAccessKey.get(accessKeyId),
  };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function randomBase32(length: number): string {
  return Array.from({ length }, () => BASE32[randomInt(BASE32.length)]).join('');
}

/** Returns `AROA` and 17 characters, always the same for the same role. */
function roleId({ partition, account, path, name }: RoleArn): string {
  const digest = createHash('sha256').update(`${partition}:${account}:${path}${name}`).digest();
  return `AROA${Array.from(digest.subarray(0, 17), (byte) => BASE32[byte % BASE32.length]).join('')}`;
}
