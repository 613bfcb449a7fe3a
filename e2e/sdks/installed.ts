import { SetupError } from '../../testing/setup-error.ts';

/**
 * Where an SDK was installed.
 * @param lines `<name> <folder>` each, as e2e/sdks/install prints them and e2e/run hands them over in PODROLE_E2E_SDKS
 * @returns the folder by the name; one that does not exist where it could not be installed, so that its own tests fail
 * @throws SetupError `E2E_OUTSIDE` where e2e/run is not at work
 */
export function installedSdks(lines: string | undefined): (name: string) => string {
  if (lines === undefined) {
    throw new SetupError({
      code: 'E2E_OUTSIDE',
      object: 'the AWS SDKs',
      problem: 'are not among the programs that this test was given',
      remedy: 'start the end-to-end tests by e2e/run',
    });
  }
  const folders = new Map(lines.split('\n').map((line) => line.split(' ') as [string, string]));
  return (name) => folders.get(name) ?? `/not-installed/${name}`;
}
