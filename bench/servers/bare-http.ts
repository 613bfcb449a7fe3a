/**
 * The baseline of sidecar, agent and docker: Node's HTTP server, which answers each request with the bytes of
 * a credentials document and does nothing else. Runs as a separate process; logs `listening` as podrole does.
 */
import { createServer } from 'node:http';
import { listen } from '../../lib/http/serve.ts';
import { credentialsDocument } from '../../metadata/imds/credentials-document.ts';
import { benchSession } from './sts-stand-in.ts';

const body = credentialsDocument(benchSession());
const headers = { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body) };
const server = createServer((_request, response) => {
  response.writeHead(200, headers).end(body);
});
const port = await listen(server, 0, process.argv[2] ?? '127.0.0.1');
process.stdout.write(`${JSON.stringify({ msg: 'listening', port })}\n`);
