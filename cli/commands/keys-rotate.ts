import { systemClock } from '../../lib/clock.ts';
import { doneIf } from '../../lib/outcome.ts';
import { runRotate } from '../../oidc/rotate/run-rotate.ts';
import { ROTATE_COMMANDS, rotateSettings } from '../../oidc/rotate/settings.ts';
import { defineCommand } from '../command.ts';

export const keysRotate = defineCommand({
  description: `Replaces the signing key of the API servers without breaking a live token. Steps:

  start   publishes the new key beside the old one
  trust   checks that every API server verifies tokens with both keys
  switch  an hour after the new key became public: reports that the API
          servers may sign with it, and checks that they do
  finish  after the last token of the old key has expired: removes the old key
          from the publication
  status  shows the state of the rotation and what to do next
  abort   rolls back to the old key

Each step prints what to do on the API servers, checks that it was done, and refuses to break live tokens. If a step is refused or incomplete, the exit code is 3: run the step again. If it is already done, it reports that. The notes of the rotation are kept beside the publication, in .podrole/rotation.json.`,
  examples: [
    [
      'keys rotate start --to s3://oidc-example-com --key-file new/sa.pub',
      'Publish the new key beside the old',
    ],
    ['keys rotate status --to s3://oidc-example-com', 'Show the state and what to do next'],
    [
      'keys rotate switch --to /srv/www --api-server https://10.0.0.1:6443,https://10.0.0.2:6443',
      'Check these API servers, each by its own address',
    ],
    [
      'keys rotate finish --to /srv/www --now --reason "the old key was stolen"',
      'Do not wait until the tokens of the old key expire; print what breaks',
    ],
  ],
  operands: [
    { placeholder: '<step>', help: 'start, trust, switch, finish, status or abort', values: ROTATE_COMMANDS },
  ],
  settings: rotateSettings,
  progress: () => 'checking the API servers and the publication',
  run: async (settings, terminal, [step]) =>
    doneIf(await runRotate(step, settings, { ...terminal, now: systemClock.now })),
});
