import { DEFAULT_SIDECAR_PORT } from '../lib/contract/podrole.ts';
import { PodroleError } from '../lib/errors.ts';
import { choice, integer, toggle } from '../lib/settings/kinds.ts';
import type { SettingsOf } from '../lib/settings/settings.ts';

/** Settings of `podrole redirect`. */
export const redirectSettings = {
  port: integer({
    value: '<port>',
    min: 1,
    max: 65_535,
    default: DEFAULT_SIDECAR_PORT,
    help: 'Loopback port that the sidecar listens on',
  }),
  print: toggle({ default: false, help: 'Only print the rules, as input for nft -f' }),
  check: toggle({
    default: false,
    help: 'Change nothing; exit with 3 if the rules are missing or different',
  }),
  undo: toggle({ default: false, help: 'Remove the rules if they exist' }),
  hostNetwork: toggle({
    default: false,
    help: "Allow the machine's own network namespace: the metadata addresses are then redirected for the whole machine",
  }),
  output: choice({
    values: ['text', 'json'],
    default: 'text',
    short: 'o',
    help: 'text: for people; json: for programs',
  }),
} as const;

export type RedirectSettings = SettingsOf<typeof redirectSettings>;

/** @throws PodroleError `INVALID_SETTING` if more than one action is given */
export function checkRedirectSettings({ print, check, undo }: RedirectSettings): void {
  const [first, ...others] = Object.entries({ print, check, undo })
    .filter(([, isGiven]) => isGiven)
    .map(([name]) => `--${name}`);
  if (first === undefined || others.length === 0) return;
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: first,
    problem: `excludes ${others.join(' and ')}`,
    remedy: 'give one of them',
  });
}
