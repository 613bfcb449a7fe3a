import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditedGrant } from '../../audit/model.ts';
import { graphOfGrants } from './graph-of-grants.ts';

/** @param place `cluster/namespace/serviceAccount` */
function grant(place: string, role: string, more: Partial<AuditedGrant> = {}): AuditedGrant {
  const [cluster = '', namespace = '', serviceAccount = ''] = place.split('/');
  const roleArn = `arn:aws:iam::111122223333:role/${role}`;
  const rest = {
    container: undefined,
    pods: [],
    policy: 'none',
    policyReason: undefined,
    reasons: [],
    kind: 'web-identity',
    verdict: 'allowed',
  } as const;
  return { cluster, namespace, serviceAccount, roleArn, ...rest, ...more };
}

/** Each edge as `from > to ×grants`. */
function edgesOf(grants: readonly AuditedGrant[]): readonly string[] {
  const { from, to, edges } = graphOfGrants(grants);
  return edges.map((edge) => `${from[edge.from]?.label} > ${to[edge.to]?.label} ×${edge.grants.length}`);
}

const many = (length: number, make: (index: number) => AuditedGrant) =>
  Array.from({ length }, (_, i) => make(i));

test('a small graph has ServiceAccounts, and one edge for the containers that have the same role', () => {
  assert.deepEqual(
    edgesOf([
      grant('a/shop/web', 'web'),
      grant('a/shop/web', 'logs', { container: 'fluentd' }),
      grant('a/shop/web', 'logs', { container: 'vector' }),
      grant('b/shop/web', 'web'),
    ]),
    ['shop/web > web ×1', 'shop/web > logs ×2', 'shop/web > web ×1'],
  );
});

test('names with the separators of others are not mixed up', () => {
  assert.equal(
    graphOfGrants([grant('a/x/y', 'r'), { ...grant('a/x/y', 'r'), namespace: 'x","y' }]).from.length,
    2,
  );
});

test('a large graph has namespaces; roles of one namespace are one node, shared roles are not', () => {
  const own = many(130, (index) => grant(`a/shop/sa-${index}`, `shop-${index}`));
  assert.deepEqual(
    edgesOf([
      ...own,
      grant('a/data/etl', 'etl'),
      grant('a/data/etl', 'shared'),
      grant('a/shop/web', 'shared'),
    ]),
    ['shop > 130 roles of shop only ×130', 'data > etl ×1', 'data > shared ×1', 'shop > shared ×1'],
  );
});

test('however many namespaces and shared roles there are, the drawing stays small', () => {
  const grants = many(5000, (index) => grant(`a/ns-${index % 300}/sa-${index}`, `role-${index % 700}`));
  const graph = graphOfGrants(grants);
  assert.ok(graph.from.length <= 81, `${graph.from.length} namespaces`);
  assert.ok(graph.edges.length <= 400, `${graph.edges.length} edges`);
  assert.ok(graph.from.some(({ label }) => label === 'all other namespaces'));
  assert.ok(graph.to.some(({ label }) => label === 'all other shared roles'));
});

test('every grant is part of exactly one edge', () => {
  const grants = many(900, (index) => grant(`a/ns-${index % 90}/sa-${index}`, `role-${index % 400}`));
  const { edges, edgeOf } = graphOfGrants(grants);
  assert.deepEqual(new Set(edges.flatMap((edge) => edge.grants)), new Set(grants));
  assert.equal(
    edges.reduce((sum, edge) => sum + edge.grants.length, 0),
    grants.length,
  );
  assert.ok(grants.every((each, index) => edgeOf[index]?.grants.includes(each)));
});
