import { ReleaseError } from './release-error.ts';

/** Version of the section of what is not released yet. */
const UNRELEASED = 'Unreleased';

/**
 * Returns the section of a version in CHANGELOG.md, without its heading `## 1.2.3 - 2027-01-31`.
 * @param isSnapshot without such a section, the section `Unreleased` will do
 * @throws ReleaseError `RELEASE_CHANGELOG` when the changelog has none
 */
export function changesOf(changelog: string, version: string, isSnapshot: boolean): string {
  const sections = new Map<string, string>();
  for (const part of changelog.split(/^## /m).slice(1)) {
    const [heading = '', ...lines] = part.split('\n');
    sections.set(heading.split(' ')[0] ?? '', lines.join('\n').trim());
  }
  const found = sections.get(version) || (isSnapshot ? sections.get(UNRELEASED) : undefined);
  if (found) return `${found}\n`;
  throw new ReleaseError({
    code: 'RELEASE_CHANGELOG',
    object: 'CHANGELOG.md',
    problem: `has no section with changes of version ${version}`,
    remedy: `write one below a heading such as "## ${version} - 2027-01-31"`,
  });
}
