import type { Link } from '../chain/link.ts';
import { duration } from '../links/aws/duration.ts';
import { exchange } from '../links/aws/exchange.ts';
import { permissions } from '../links/aws/permissions.ts';
import { provider } from '../links/aws/provider.ts';
import { role } from '../links/aws/role.ts';
import { target } from '../links/aws/target.ts';
import { trustPolicy } from '../links/aws/trust-policy.ts';
import { annotation } from '../links/cluster/annotation.ts';
import { apiAudience } from '../links/cluster/api-audience.ts';
import { pod } from '../links/cluster/pod.ts';
import { source } from '../links/cluster/source.ts';
import { token } from '../links/cluster/token.ts';
import { webhook } from '../links/cluster/webhook.ts';
import { certificate } from '../links/issuer/certificate.ts';
import { discovery } from '../links/issuer/discovery.ts';
import { issuer } from '../links/issuer/issuer.ts';
import { keys } from '../links/issuer/keys.ts';

/** All links, in the order in which they are judged: what comes first in time, or explains the later ones. */
export const LINKS: readonly Link[] = [
  annotation,
  webhook,
  pod,
  source,
  token,
  apiAudience,
  issuer,
  discovery,
  keys,
  certificate,
  provider,
  role,
  trustPolicy,
  duration,
  exchange,
  permissions,
  target,
];
