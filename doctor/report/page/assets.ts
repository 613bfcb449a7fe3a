import { readFileSync } from 'node:fs';

/** Script and style of the page. build.ts puts them into the bundle. */
declare const PODROLE_REPORT_SCRIPT: string | undefined;
declare const PODROLE_REPORT_STYLE: string | undefined;

/** In the order in which they follow each other in the page. */
const SCRIPTS = ['graph', 'filter', 'sort', 'print'];
const STYLES = [
  'palette',
  'base',
  'marks',
  'head',
  'filters',
  'totals',
  'findings',
  'chains',
  'graph',
  'tables',
  'narrow',
  'print',
];

interface Assets {
  readonly script: string;
  readonly style: string;
}

/** Returns the script and the style that the page carries. */
export function pageAssets(): Assets {
  return {
    script:
      typeof PODROLE_REPORT_SCRIPT === 'string'
        ? PODROLE_REPORT_SCRIPT
        : read(SCRIPTS.map((name) => `script/${name}.js`)),
    style:
      typeof PODROLE_REPORT_STYLE === 'string'
        ? PODROLE_REPORT_STYLE
        : read(STYLES.map((name) => `style/${name}.css`)),
  };
}

function read(paths: readonly string[]): string {
  return paths.map((path) => readFileSync(new URL(path, import.meta.url), 'utf8')).join('\n');
}
