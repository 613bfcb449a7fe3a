/** Package that is bundled, or may be, and the files in it that contain its licence. */
export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** Name of the licence in its package.json. */
  readonly licence: string;
  readonly texts: readonly string[];
}

const RULE = '-'.repeat(80);

/**
 * Returns each licence text once, below the packages that it covers. A package without a licence file is
 * listed with only the name of its licence.
 */
export function thirdPartyNotices(packages: readonly LicensedPackage[]): string {
  const titlesByText = new Map<string, string[]>();
  for (const { name, version, licence, texts } of packages)
    for (const text of texts.length > 0 ? texts : ['']) {
      const key = text.replaceAll('\r\n', '\n').trim();
      const titles = titlesByText.get(key) ?? [];
      titlesByText.set(key, [...titles, `${name} ${version} (${licence})`]);
    }
  const sections = [...titlesByText].map(([text, titles]) => [...titles, ...(text && ['', text])].join('\n'));
  return `podrole is built from these packages, under their licences.\n${RULE}\n${sections.join(`\n${RULE}\n`)}\n`;
}
