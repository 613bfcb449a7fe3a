import { sessionDurationSetting } from '../credentials/session-duration.ts';
import { ownClusterSettings } from '../kubernetes/settings.ts';
import { DEFAULT_ANNOTATION_PREFIX } from '../lib/contract/aws-webhook.ts';
import {
  DEFAULT_AGENT_METRICS_PORT,
  DEFAULT_AGENT_PORT,
  DEFAULT_AGENT_SCRAPE_PORT,
} from '../lib/contract/podrole.ts';
import { LOG_LEVELS } from '../lib/logger.ts';
import { choice, durationMs, matching, port, string, toggle } from '../lib/settings/kinds.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';
import { CLUSTER_NAME, CLUSTER_NAME_RULE } from '../lib/target-role.ts';
import { regionSetting, zoneSettings } from '../metadata/zone-settings.ts';

/** Settings of `podrole agent`. */
export const agentSettings = {
  nodeName: string({
    value: '<name>',
    required: true,
    help: 'Node whose pods are served; spec.nodeName of the pod of the agent',
  }),
  region: regionSetting,
  clusterName: matching({
    value: '<name>',
    pattern: CLUSTER_NAME,
    expected: CLUSTER_NAME_RULE,
    help: 'Name of this cluster in the external id and the session tags of target roles, which need it',
  }),
  sessionDuration: sessionDurationSetting,
  imdsv2: choice({
    values: ['optional', 'required'],
    default: 'optional',
    help: 'required: instance metadata needs a session token (IMDSv2), and container credentials need the token of the pod',
  }),
  blockUnknown: toggle({
    default: true,
    help: 'Refuse instance metadata to pods without a role; false: answer 404, as an EC2 instance without a role does',
  }),
  serviceAccountRoles: toggle({
    default: false,
    help: 'Serve also pods that the EKS Pod Identity webhook prepared; the role is that of the annotation of their ServiceAccount',
  }),
  annotationPrefix: string({
    value: '<prefix>',
    default: DEFAULT_ANNOTATION_PREFIX,
    help: 'With --service-account-roles: prefix of the annotation role-arn',
  }),
  kubeletPodsFolder: string({
    value: '<folder>',
    default: '/var/lib/kubelet/pods',
    help: "kubelet's folder of pods, where their tokens are",
  }),
  port: port({
    default: DEFAULT_AGENT_PORT,
    help: 'Port to which podrole redirect --node leads the metadata addresses',
  }),
  metricsPort: port({
    default: DEFAULT_AGENT_METRICS_PORT,
    help: 'HTTP port of /healthz, /livez, /readyz and /metrics',
  }),
  metricsHost: string({
    value: '<address>',
    default: '127.0.0.1',
    help: 'Address of the metrics port; :: for all addresses',
  }),
  scrapeHost: string({
    value: '<address>',
    emptyIsUnset: true,
    shownDefault: 'none: that port is closed',
    help: 'Address of this node at which Prometheus gets /metrics, and nothing else',
  }),
  scrapePort: port({
    default: DEFAULT_AGENT_SCRAPE_PORT,
    help: 'With --scrape-host: HTTP port for Prometheus',
  }),
  checkRules: toggle({
    default: true,
    help: 'Be ready only while the rules of podrole redirect --node are in effect',
  }),
  ...zoneSettings,
  ...ownClusterSettings,
  events: toggle({
    default: true,
    help: 'Report roles that STS refuses as Events on their pods',
  }),
  shutdownDelay: durationMs({
    defaultMs: 20_000,
    help: 'How long to keep serving after SIGTERM at most, until the next agent of this node is ready',
  }),
  logLevel: choice({
    values: LOG_LEVELS,
    default: 'info',
    help: 'Lowest level that is logged; debug logs every request',
  }),
} as const;

export type AgentSettings = SettingsOf<typeof agentSettings>;
