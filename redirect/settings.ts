import { DEFAULT_SIDECAR_PORT } from '../lib/contract/podrole.ts';
import { PodroleError } from '../lib/errors.ts';
import { choice, integer, type SettingsOf, toggle } from '../lib/settings/settings.ts';

/** Settings of `podrole redirect`. */
export const redirectSettings = {
  port: integer(
    { min: 1, max: 65_535 },
    '<port>',
    DEFAULT_SIDECAR_PORT,
    'Port that the sidecar listens on, on loopback',
  ),
  print: toggle(false, 'Print the rules for nft -f and change nothing'),
  check: toggle(false, 'Change nothing; exit with 1 where the rules are not loaded as they should be'),
  undo: toggle(false, 'Remove the rules, where there are any'),
  hostNetwork: toggle(
    false,
    "Also in the machine's own network namespace: the metadata addresses are then redirected for all of it",
  ),
  output: choice(['text', 'json'], 'text', 'text: for a person; json: for a program', { short: 'o' }),
} as const;

export type RedirectSettings = SettingsOf<typeof redirectSettings>;

/** @throws PodroleError `INVALID_SETTING` where more than one thing is to be done */
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
