import { systemClock } from '../../lib/clock.ts';
import { runRotate } from '../../oidc/rotate/run-rotate.ts';
import { rotateSettings } from '../../oidc/rotate/settings.ts';
import { defineCommand, EXIT } from '../command.ts';

export const keysRotate = defineCommand({
  description: `Leads the API servers from one signing key to another without breaking a live token. Steps: start publishes the new key beside the old; trust sees that every API server verifies with it; switch, an hour after start, says when the API servers may sign with it and sees that they do; finish, once the last token of the old key has expired, takes the old key out of the publication. status says where it stands and what to do; abort leads back.

Each step says what to do on the API servers, looks whether it was done, and refuses what would break tokens. A step that was refused or is not complete ends with exit code 1 and is run again; one that is done already says so. Its notes are kept beside the publication, in .podrole/rotation.json.`,
  examples: [
    [
      'keys rotate start --to s3://oidc-example-com --key-file new/sa.pub',
      'Publish the new key beside the old',
    ],
    ['keys rotate status --to s3://oidc-example-com', 'Where it stands, and what to do on the API servers'],
    [
      'keys rotate switch --to /srv/www --api-server https://10.0.0.1:6443,https://10.0.0.2:6443',
      'Look at these API servers, each by its own address',
    ],
    [
      'keys rotate finish --to /srv/www --now --reason "the old key was stolen"',
      'Do not wait for tokens of the old key; says what breaks',
    ],
  ],
  operands: [{ placeholder: '<step>', help: 'start, trust, switch, finish, status or abort' }],
  settings: rotateSettings,
  progress: () => 'looking at the API servers and the publication',
  run: async (settings, terminal, [step]) =>
    (await runRotate(step, settings, { ...terminal, now: systemClock.now })) ? EXIT.ok : EXIT.failed,
});
