#!/usr/bin/env node
// Plain JavaScript that every Node with modules can parse, so that an old Node prints an error before it
// loads newer syntax. This import comes first, so that it is active before the first signal.
import './no-inspector.js';

// The version of "engines" in package.json; cli/podrole.test.ts compares them.
var required = [22, 19];
var running = process.versions.node.split('.').map(Number);
if (running[0] < required[0] || (running[0] === required[0] && running[1] < required[1])) {
  process.stderr.write(
    `podrole needs Node ${required.join('.')} or newer; this is ${process.versions.node}\n`,
  );
  process.exitCode = 2;
} else {
  Promise.all([import('./main.ts'), import('./table.ts')]).then(([{ main }, table]) => main(table));
}
