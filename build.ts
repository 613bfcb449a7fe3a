import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type BuildOptions, build } from 'esbuild';
import { renderMan } from './cli/man/render-man.ts';
import { commandTable } from './cli/table.ts';
import { pageAssets } from './doctor/report/page/assets.ts';
import packageJson from './package.json' with { type: 'json' };

/** Some libraries in the bundles are CommonJS and call require() for Node's own modules. */
const options: BuildOptions = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  // The AWS clients' ES modules: unused parts are left out, and `await import()` of CommonJS would have no
  // named exports.
  mainFields: ['module', 'main'],
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  banner: {
    js: "import { createRequire as podroleCreateRequire } from 'node:module';const require = podroleCreateRequire(import.meta.url);",
  },
};

/**
 * Bundles what is shipped: dist/podrole.js, a launcher that any Node can read, and chunks beside it of which
 * each command loads its own; dist/kubectl_complete-podrole.js, which kubectl runs to complete `kubectl
 * podrole`; and dist/sidecar.js, with `podrole sidecar`, `podrole probe` and `podrole
 * redirect`, which needs no other file. dist/man/podrole.1 is the man page.
 */
const { script, style } = pageAssets();
await rm('dist', { recursive: true, force: true });
await build({
  ...options,
  entryPoints: { podrole: 'cli/podrole.js', 'kubectl_complete-podrole': 'cli/kubectl-complete.js' },
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  define: {
    // What `podrole up` installs: see up/install/manifest.ts.
    PODROLE_INSTALL_MANIFEST: JSON.stringify(await readFile('manifests/install.yaml', 'utf8')),
    // What the report of `podrole audit` carries, as it is, so that an auditor can read it: see
    // doctor/report/page/assets.ts.
    PODROLE_REPORT_SCRIPT: JSON.stringify(script),
    PODROLE_REPORT_STYLE: JSON.stringify(style),
  },
});
await build({ ...options, entryPoints: { sidecar: 'cli/sidecar-main.ts' } });
const programs = ['dist/podrole.js', 'dist/kubectl_complete-podrole.js', 'dist/sidecar.js'];
for (const program of programs) await chmod(program, 0o755);
await mkdir('dist/man');
await writeFile('dist/man/podrole.1', await renderMan(commandTable, packageJson.version));
process.stdout.write(`built ${programs.join(' and ')}\n`);
