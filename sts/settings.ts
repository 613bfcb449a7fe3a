import { LOG_LEVELS } from '../lib/logger.ts';
import { choice, port, string } from '../lib/settings/kinds.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';

/** Settings of `podrole sts`. */
export const stsSettings = {
  config: string({
    value: '<file>',
    required: true,
    help: 'YAML file of providers and roles; restart to apply a change',
  }),
  port: port({ default: 8080, help: 'Port of the Query API and of /healthz' }),
  host: string({ value: '<address>', default: '127.0.0.1', help: 'Address to listen on' }),
  tlsCert: string({
    value: '<file>',
    shownDefault: 'serve HTTP',
    help: 'Serving certificate, PEM: serve HTTPS',
  }),
  tlsKey: string({ value: '<file>', help: 'Private key of the serving certificate, PEM' }),
  logLevel: choice({ values: LOG_LEVELS, default: 'info', help: 'Lowest level that is logged' }),
} as const;

export type StsSettings = SettingsOf<typeof stsSettings>;
