import { LOG_LEVELS } from '../lib/logger.ts';
import { choice, optionalText, port, requiredText, type SettingsOf, text } from '../lib/settings/settings.ts';

/** Settings of `podrole sts`. */
export const stsSettings = {
  config: requiredText('<file>', 'YAML file of providers and roles; read once, restart to apply a change'),
  port: port(8080, 'Port of the Query API and of /healthz'),
  host: text('<address>', '127.0.0.1', 'Address to listen on'),
  tlsCert: optionalText('<file>', 'Serving certificate, PEM; with it the port speaks https, without it http'),
  tlsKey: optionalText('<file>', 'Its private key, PEM'),
  logLevel: choice(LOG_LEVELS, 'info', 'Least level that is logged'),
} as const;

export type StsSettings = SettingsOf<typeof stsSettings>;
