import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asObject, type JsonObject } from '../lib/json/json.ts';
import { runTool } from './run-tool.ts';
import type { ReleaseSettings } from './settings.ts';

/**
 * Returns package.json of the published package. It has no dependencies and no scripts: the bundle needs
 * none, and nothing runs when it is installed.
 * @param manPages paths in the package
 */
export function publishedPackage(
  packageJson: JsonObject,
  { source, revision, hasChanges }: Pick<ReleaseSettings, 'source' | 'revision' | 'hasChanges'>,
  manPages: readonly string[],
): JsonObject {
  const { name, version, description, license, type, engines, bin } = packageJson;
  return {
    ...{ name, version, description, license, type, engines, bin },
    keywords: ['kubernetes', 'aws', 'iam', 'irsa', 'oidc', 'kubectl-plugin'],
    files: ['dist', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES'],
    ...(manPages.length === 0 ? {} : { man: manPages }),
    ...(source === undefined ? {} : { homepage: source, repository: { type: 'git', url: `git+${source}` } }),
    // Nobody finds changes that are not committed there.
    ...(hasChanges ? {} : { gitHead: revision }),
    publishConfig: { access: 'public' },
  };
}

/** Copies what every package of the command line contains into a folder: the bundle and the documents. */
export function copyBundle(root: string, folder: string, bundle: string): void {
  cpSync(join(root, 'dist'), join(folder, bundle), {
    recursive: true,
    filter: (from) => !from.endsWith('/documents'),
  });
  for (const name of ['LICENSE', 'CHANGELOG.md']) cpSync(join(root, name), join(folder, name));
  cpSync(join(root, 'dist/documents/THIRD-PARTY-NOTICES'), join(folder, 'THIRD-PARTY-NOTICES'));
}

/** Writes the npm package `podrole-VERSION.tgz`. */
export function packNpm(settings: ReleaseSettings, work: string): void {
  const { root, output } = settings;
  const folder = join(work, 'npm');
  mkdirSync(folder, { recursive: true });
  copyBundle(root, folder, 'dist');
  cpSync(join(root, 'README.md'), join(folder, 'README.md'));
  const manFolder = join(folder, 'dist/man');
  const manPages = existsSync(manFolder)
    ? readdirSync(manFolder)
        .sort()
        .map((page) => `dist/man/${page}`)
    : [];
  const packageJson = asObject(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))) ?? {};
  const published = publishedPackage(packageJson, settings, manPages);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  // npm gives all files the same time, not the same modes.
  runTool('chmod', ['--recursive', 'u=rwX,go=rX', folder]);
  runTool('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', output], { cwd: folder });
}
