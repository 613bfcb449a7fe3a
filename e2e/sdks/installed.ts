import { SetupError } from '../../testing/setup-error.ts';

/**
 * Returns the folder of an installed SDK.
 * @param lines `<name> <folder>` each, as e2e/sdks/install prints them; e2e/run puts them into
 * PODROLE_E2E_SDKS
 * @returns a folder that does not exist if the SDK could not be installed, so that only its own tests fail
 * @throws SetupError `E2E_OUTSIDE` outside e2e/run
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
