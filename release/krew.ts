import { stringify } from 'yaml';
import { PLATFORMS, type Platform } from './node-binary.ts';
import { archiveName } from './standalone.ts';

interface KrewPlugin {
  readonly version: string;
  readonly description: string;
  readonly homepage: string | undefined;
  /** URL of the folder with the archives. */
  readonly downloads: string;
  readonly sha256Of: (platform: Platform) => string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Returns the manifest of the kubectl plugin for krew. Not for Windows: there krew calls the program by a
 * name that ends with .exe, which the launcher is not.
 */
export function krewManifest({ version, description, homepage, downloads, sha256Of }: KrewPlugin): string {
  const platforms = PLATFORMS.filter((platform) => !platform.startsWith('win-')).map((platform) => {
    const [os, cpu = ''] = platform.split('-');
    return {
      selector: { matchLabels: { os, arch: ARCHITECTURES[cpu] } },
      uri: `${downloads}/${archiveName(version, platform)}`,
      sha256: sha256Of(platform),
      files: [{ from: 'podrole/*', to: '.' }],
      bin: 'podrole',
    };
  });
  return stringify({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'podrole' },
    spec: {
      version: `v${version}`,
      ...(homepage === undefined ? {} : { homepage }),
      shortDescription: description,
      description: `${description}.\nSee kubectl podrole --help.\n`,
      platforms,
    },
  });
}
