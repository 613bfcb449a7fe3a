#!/usr/bin/env node
// kubectl runs kubectl_complete-podrole with the words of `kubectl podrole ...` to complete them.
import './no-inspector.js';

process.argv.splice(2, 0, '__complete');
import('./podrole.js');
