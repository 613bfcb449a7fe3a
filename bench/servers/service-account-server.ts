/**
 * A stand-in for the API server of a large cluster, in a separate process. It streams COUNT ServiceAccounts
 * to every watch, each hundredth annotated, as kube-apiserver does with sendInitialEvents, and then keeps the
 * stream open. Only for measurements at scale; correctness is tested against a real API server.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { listen } from '../../lib/http/serve.ts';

const COUNT = Number(process.argv[2] ?? 100_000);
const ANNOTATED_ONE_IN = 100;

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('Content-Type', 'application/json');
  if (url.searchParams.get('watch') !== 'true') {
    response.statusCode = 404;
    response.end(
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }),
    );
  } else if (url.searchParams.get('sendInitialEvents') === 'true') {
    void streamAll(response);
  } else {
    response.flushHeaders();
  }
});
const port = await listen(server, 0, '127.0.0.1');
process.stdout.write(`${JSON.stringify({ msg: 'listening', port })}\n`);

async function streamAll(response: ServerResponse): Promise<void> {
  for (let index = 0; index < COUNT; index += 1) {
    if (!response.write(`${JSON.stringify({ type: 'ADDED', object: serviceAccount(index) })}\n`))
      await once(response, 'drain');
  }
  const metadata = {
    resourceVersion: String(COUNT + 1),
    annotations: { 'k8s.io/initial-events-end': 'true' },
  };
  response.write(
    `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'ServiceAccount', apiVersion: 'v1', metadata } })}\n`,
  );
}

function serviceAccount(index: number): object {
  const annotated = index % ANNOTATED_ONE_IN === 1;
  const name = annotated ? `annotated-${index}` : `plain-${index}`;
  return {
    kind: 'ServiceAccount',
    apiVersion: 'v1',
    metadata: {
      name,
      namespace: index === 1 ? 'bench' : `namespace-${index % 1_000}`,
      uid: `9d0c7b7e-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(index + 1),
      creationTimestamp: '2026-11-01T08:00:00Z',
      labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        'meta.helm.sh/release-name': name,
        'meta.helm.sh/release-namespace': 'bench',
        ...(annotated ? { 'eks.amazonaws.com/role-arn': `arn:aws:iam::111122223333:role/${name}` } : {}),
      },
      managedFields: [
        {
          manager: 'helm',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-11-01T08:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': {
              'f:annotations': { '.': {}, 'f:meta.helm.sh/release-name': {} },
              'f:labels': { '.': {} },
            },
          },
        },
      ],
    },
  };
}
