/**
 * The yardstick: a bare Koa app over HTTPS that does the same work (parse, clone, compare, answer) and nothing else.
 * Run as a process of its own with certificate and key as arguments; logs `listening` as podrole does.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import fastJsonPatch from 'fast-json-patch';
import Koa from 'koa';
import rawBody from 'raw-body';
import type { Pod } from '../testing/admission.ts';

interface Review {
  readonly request: { readonly uid: string; readonly object: Pod };
}

const [certFile = '', keyFile = ''] = process.argv.slice(2);
const app = new Koa();
app.use(async (context) => {
  const { request } = JSON.parse(await rawBody(context.req, { encoding: 'utf8' })) as Review;
  const patched = structuredClone(request.object);
  Object.assign(patched.spec, {
    volumes: [...(patched.spec.volumes ?? []), { name: 'aws-iam-token', projected: { sources: [] } }],
  });
  for (const container of patched.spec.containers) {
    Object.assign(container, {
      env: [
        ...(container.env ?? []),
        { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/bench' },
      ],
    });
  }
  const patch = Buffer.from(JSON.stringify(fastJsonPatch.compare(request.object, patched))).toString(
    'base64',
  );
  context.body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch },
  };
});
const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, app.callback());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  process.stdout.write(`${JSON.stringify({ msg: 'listening', port })}\n`);
});
