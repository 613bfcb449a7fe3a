import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

/**
 * Bundles what is shipped: dist/podrole.js, a launcher that any Node can read, and chunks beside it of which each command loads its own.
 * Some libraries in the bundle are CommonJS and call require() for Node's own modules.
 */
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: { podrole: 'cli/podrole.js' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // The AWS clients' ES modules: unused parts are left out, and `await import()` of CommonJS would have no named exports.
  mainFields: ['module', 'main'],
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  banner: {
    js: "import { createRequire as podroleCreateRequire } from 'node:module';const require = podroleCreateRequire(import.meta.url);",
  },
});
await chmod('dist/podrole.js', 0o755);
