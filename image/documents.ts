import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asArray, asObject, type JsonObject } from '../lib/json/json.ts';
import packageLock from '../package-lock.json' with { type: 'json' };
import { thirdPartyNotices } from './third-party-notices.ts';

/**
 * Writes the two documents about the contents of an image. `sbom.cdx.json` is the bill of materials of the
 * runtime dependencies; `THIRD-PARTY-NOTICES` contains their licences. The same lock file gives the same
 * bytes.
 *   documents.ts [folder]     default: dist/documents
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'dist/documents');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(readSbom(), null, 1)}\n`);
writeFileSync(join(folder, 'THIRD-PARTY-NOTICES'), thirdPartyNotices(readPackages()));

/**
 * Returns the bill of materials of npm without its serial number and time, which differ in each run. The name
 * of the folder is replaced by that of the product.
 */
function readSbom(): JsonObject {
  // Read from the lock file: node_modules also contains files that scripts of packages put there.
  const format = ['--sbom-format=cyclonedx', '--sbom-type=application'];
  const args = ['sbom', '--package-lock-only', '--omit=dev', ...format];
  const printed: unknown = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }),
  );
  const { serialNumber: _number, ...sbom } = asObject(printed) ?? {};
  const { timestamp: _time, ...metadata } = asObject(sbom['metadata']) ?? {};
  if (!asArray(sbom['components'])?.length) throw new Error('npm sbom listed no dependency');
  const component = { ...asObject(metadata['component']), name: packageLock.name };
  const listed = asArray(sbom['components']) ?? [];
  return { ...sbom, metadata: { ...metadata, component }, components: [...listed, ...missingIn(listed)] };
}

/** npm leaves out a package of which another version is below a package of its own. */
function missingIn(components: readonly unknown[]): readonly JsonObject[] {
  const listed = new Set(components.map((component) => asObject(component)?.['bom-ref']));
  return readPackages()
    .map(({ name, version, licence }) => ({
      'bom-ref': `${name}@${version}`,
      type: 'library',
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: [licence.includes(' ') ? { license: { name: licence } } : { license: { id: licence } }],
    }))
    .filter((component) => !listed.has(component['bom-ref']));
}

function readPackages() {
  return Object.entries(packageLock.packages)
    .filter(([path, entry]) => path !== '' && !('dev' in entry && entry.dev))
    .map(([path, { version = '', ...entry }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: 'license' in entry ? String(entry.license) : 'no licence named',
      texts: licenceFiles(join(root, path)).map((file) => readFileSync(file, 'utf8')),
    }));
}

function licenceFiles(packageFolder: string): readonly string[] {
  return readdirSync(packageFolder)
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
    .sort()
    .map((name) => join(packageFolder, name));
}
