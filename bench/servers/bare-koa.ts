/**
 * The baseline: a bare Koa app over HTTPS that parses, clones, compares and answers with the same patch, and
 * does nothing else: no route, no check, no decision, no log, no metric. Runs as a separate process with
 * certificate and key as arguments; logs `listening` as podrole does.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import fastJsonPatch from 'fast-json-patch';
import Koa from 'koa';
import { listen } from '../../lib/http/serve.ts';
import type { Pod } from '../../testing/admission/admission.ts';

interface Review {
  readonly request: { readonly uid: string; readonly object: Pod };
}

const MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const TOKEN = { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' };
const VOLUME = { name: 'aws-iam-token', projected: { sources: [{ serviceAccountToken: TOKEN }] } };
const MOUNT = { name: VOLUME.name, readOnly: true, mountPath: MOUNT_PATH };
const ENV = [
  { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::111122223333:role/annotated-1' },
  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${MOUNT_PATH}/token` },
];

const [certFile = '', keyFile = ''] = process.argv.slice(2);
const app = new Koa();
app.use(async (context) => {
  const { request } = JSON.parse(await text(context.req)) as Review;
  const { spec, ...rest } = structuredClone(request.object);
  const containers = spec.containers.map((container) => ({
    ...container,
    env: [...(container.env ?? []), ...ENV],
    volumeMounts: [...(container.volumeMounts ?? []), MOUNT],
  }));
  const patched = { ...rest, spec: { ...spec, containers, volumes: [...(spec.volumes ?? []), VOLUME] } };
  const operations = fastJsonPatch.compare(request.object, patched);
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  context.body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch },
  };
});
const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, app.callback());
const port = await listen(server, 0, '127.0.0.1');
process.stdout.write(`${JSON.stringify({ msg: 'listening', port })}\n`);
