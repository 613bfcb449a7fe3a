import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './archive.ts';
import { changesOf } from './changes.ts';
import { buildImage } from './image.ts';
import { krewManifest } from './krew.ts';
import { imageReference, packManifests } from './manifests.ts';
import { PLATFORMS } from './node-binary.ts';
import { packNpm } from './npm-package.ts';
import { ReleaseError } from './release-error.ts';
import { runTool } from './run-tool.ts';
import { debianComponents, nodeComponents, writeSbom } from './sbom.ts';
import type { ReleaseSettings } from './settings.ts';
import { archiveName, packStandalone } from './standalone.ts';

/**
 * Runs the chosen steps.
 * @param work empty folder for what is on the way
 */
export function runSteps(settings: ReleaseSettings, work: string, say: (line: string) => void): void {
  const { root, output, steps, version, isTagged, hasChanges } = settings;
  if (!isTagged) say(`a snapshot: the commit does not have the tag v${version}`);
  if (hasChanges) say('a snapshot: it contains changes that are not committed');
  if (!existsSync(join(root, 'dist/podrole.js')))
    throw new ReleaseError({
      code: 'RELEASE_BUNDLE',
      object: 'dist/',
      problem: 'does not exist',
      remedy: 'run make release, which builds it',
    });
  // First, because it needs nothing and may fail.
  if (steps.has('changes')) {
    const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
    writeFileSync(join(output, `CHANGES-${version}.md`), changesOf(changelog, version, !isTagged));
  }
  runTool(process.execPath, [join(root, 'image/documents.ts')]);
  if (steps.has('npm')) {
    say('npm package');
    packNpm(settings, work);
    writeSbom(settings, `podrole-${version}.cdx.json`, []);
  }
  if (steps.has('archives')) packArchives(settings, work, say);
  if (steps.has('image')) say('image');
  const image = steps.has('image') ? buildImage(settings, work) : undefined;
  if (image !== undefined) {
    const components = [...nodeComponents(['linux-x64', 'linux-arm64']), ...debianComponents(image)];
    writeSbom(settings, `podrole-image-${version}.cdx.json`, components);
  }
  if (steps.has('manifests')) {
    say('manifests');
    packManifests(settings, work, imageReference(settings, image?.digest));
  }
}

/** Writes an archive for each platform, and the manifest for krew if people can download them. */
function packArchives(settings: ReleaseSettings, work: string, say: (line: string) => void): void {
  const { root, output, version, downloads, source } = settings;
  for (const platform of PLATFORMS) {
    say(`archive for ${platform}`);
    packStandalone(settings, work, platform);
  }
  writeSbom(settings, `podrole-archives-${version}.cdx.json`, nodeComponents(PLATFORMS));
  if (downloads === undefined) {
    say('no manifest for krew: it needs DOWNLOADS, the URL of the folder with the archives');
    return;
  }
  const { description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const manifest = krewManifest({
    version,
    description: String(description),
    homepage: source,
    downloads,
    sha256Of: (platform) => sha256(readFileSync(join(output, archiveName(version, platform)))),
  });
  writeFileSync(join(output, 'podrole.yaml'), manifest);
}
