import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { asObject } from '../lib/json/json.ts';
import { writeTar, writeTarGz } from './archive.ts';
import { MANIFEST, writeBlob, writeLayoutIndex } from './oci-layout.ts';
import { ReleaseError } from './release-error.ts';
import { runTool } from './run-tool.ts';
import type { ReleaseSettings } from './settings.ts';

/** Name of the image in manifests/. */
const NAME = 'podrole';

/** Image that the manifests name. */
interface ImageReference {
  readonly name: string;
  readonly version: string;
  /** Undefined: nodes take what they have, or pull, under the tag. */
  readonly digest: string | undefined;
}

/**
 * Returns the image of a release for its manifests. The digest is added only if the image has a name of the
 * releaser's: an image that is loaded into nodes by hand has no digest there.
 */
export function imageReference(
  { image, version }: Pick<ReleaseSettings, 'image' | 'version'>,
  digest: string | undefined,
): ImageReference {
  return { name: image ?? NAME, version, digest: image === undefined ? undefined : digest };
}

/**
 * Returns install.yaml with another image.
 * @throws ReleaseError `RELEASE_MANIFEST` unless it names the image of the version
 */
export function withImage(manifest: string, { name, version, digest }: ImageReference): string {
  const reference = `${name}:${version}${digest === undefined ? '' : `@${digest}`}`;
  const old = new RegExp(`(: )${NAME}:${version.replaceAll('.', '\\.')}$`, 'gm');
  if (manifest.search(old) !== -1) return manifest.replaceAll(old, `$1${reference}`);
  throw new ReleaseError({
    code: 'RELEASE_MANIFEST',
    object: 'manifests/install.yaml',
    problem: `does not name the image ${NAME}:${version}`,
    remedy: 'write the version of package.json into the manifests',
  });
}

/** Returns values.yaml of the chart with another image; comments stay. */
export function chartValues(values: string, { name, version, digest }: ImageReference): string {
  const document = parseDocument(values);
  document.setIn(['image', 'repository'], name);
  if (digest !== undefined) {
    document.setIn(['image', 'tag'], version);
    document.setIn(['image', 'digest'], digest);
  }
  return document.toString({ lineWidth: 0 });
}

/** Writes install.yaml, the chart, and the chart as an OCI archive. */
export function packManifests(settings: ReleaseSettings, work: string, image: ImageReference): void {
  const { root, output, version } = settings;
  const install = readFileSync(join(root, 'manifests/install.yaml'), 'utf8');
  writeFileSync(join(output, 'install.yaml'), withImage(install, image));
  const chart = join(output, `podrole-chart-${version}.tgz`);
  packChart(settings, join(work, 'chart'), image, chart);
  packChartArtefact(settings, join(work, 'chart-layout'), chart);
}

function packChart(
  { root, epochSeconds }: ReleaseSettings,
  folder: string,
  image: ImageReference,
  file: string,
): void {
  const source = join(root, 'manifests/helm');
  // Only what is in the repository; links become files, because helm warns about links.
  for (const name of runTool('git', ['ls-files', '-z'], { cwd: source }).split('\0').filter(Boolean)) {
    const target = join(folder, NAME, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(join(source, name)));
  }
  const values = join(folder, NAME, 'values.yaml');
  writeFileSync(values, chartValues(readFileSync(values, 'utf8'), image));
  writeTarGz(folder, [NAME], file, epochSeconds);
}

/** As `helm push` stores a chart in a registry. */
function packChartArtefact(
  { root, output, version, epochSeconds, image = NAME }: ReleaseSettings,
  layout: string,
  chart: string,
): void {
  const description = asObject(parse(readFileSync(join(root, 'manifests/helm/Chart.yaml'), 'utf8'))) ?? {};
  const config = writeBlob(layout, 'application/vnd.cncf.helm.config.v1+json', description);
  const layer = writeBlob(layout, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', readFileSync(chart));
  const annotations = {
    'org.opencontainers.image.created': new Date(epochSeconds * 1000).toISOString(),
    'org.opencontainers.image.title': NAME,
    'org.opencontainers.image.version': version,
  };
  const manifest = { schemaVersion: 2, mediaType: MANIFEST, config, layers: [layer], annotations };
  writeLayoutIndex(layout, writeBlob(layout, MANIFEST, manifest), `${image}-chart:${version}`);
  writeTar(
    layout,
    ['blobs', 'index.json', 'oci-layout'],
    join(output, `podrole-chart-${version}.oci.tar`),
    epochSeconds,
  );
}
