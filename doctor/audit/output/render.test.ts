import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asArray, asObject } from '../../../lib/json/json.ts';
import { painter } from '../../../lib/text/paint.ts';
import { auditModel, HOSTILE_NAMES } from '../../../testing/audit/model.ts';
import { auditExplanations } from '../explanations/audit-explanations.ts';
import type { AuditedGrant, AuditModel } from '../model.ts';
import { AUDIT_OUTPUTS, renderAudit } from './render.ts';

const plain = painter(false);

function grant(changes: Partial<AuditedGrant> = {}): AuditedGrant {
  return {
    kind: 'web-identity',
    cluster: 'prod',
    namespace: 'shop',
    serviceAccount: 'web',
    container: undefined,
    roleArn: 'arn:aws:iam::111122223333:role/web',
    pods: ['web-1', 'web-2'],
    verdict: 'allowed',
    policy: 'none',
    policyReason: undefined,
    reasons: ['Statement[0] lets it in'],
    ...changes,
  };
}

const MODEL: AuditModel = {
  collectedAt: '2026-08-01T12:00:00.000Z',
  account: { accountId: '111122223333', partition: 'aws' },
  clusters: [
    {
      context: 'prod',
      issuer: 'https://oidc.example.com/one',
      totals: { namespaces: 1, serviceAccounts: 2, pods: 3, nodes: 4 },
      unread: ['secrets: you need this right: list on secrets'],
    },
  ],
  serviceAccounts: [],
  roles: [],
  grants: [
    grant({ servedBy: ['sidecar', 'web identity'] }),
    grant({ container: 'fluentd', kind: 'container-role', verdict: 'refused', reasons: ['a, "b"'] }),
  ],
  findings: [
    {
      code: 'STATIC_KEY',
      severity: 'high',
      cluster: 'prod',
      namespace: 'shop',
      object: 'Secret shop/keys',
      text: 'has the static key AKIA…WXYZ in key a',
      remedy: { text: 'remove it', commands: ['kubectl -n shop delete secret keys'] },
    },
    {
      code: 'NO_SUBJECT',
      severity: 'high',
      cluster: undefined,
      namespace: undefined,
      object: 'role arn:aws:iam::111122223333:role/web',
      text: 'lets in everybody',
      remedy: { text: 'bind', commands: [] },
    },
  ],
  chains: [],
};

test('a table for people', () => {
  assert.equal(
    renderAudit(MODEL, 'table', plain),
    `cluster prod: 1 namespace, 2 ServiceAccounts, 3 pods, 4 nodes; issuer https://oidc.example.com/one
account: 111122223333

not read of cluster prod, so the audit is silent about it:
  secrets: you need this right: list on secrets

FINDINGS: 2 high, 0 medium, 0 low, 0 note
high    Secret shop/keys has the static key AKIA…WXYZ in key a [STATIC_KEY]
        to do: remove it
          kubectl -n shop delete secret keys
high    role arn:aws:iam::111122223333:role/web lets in everybody [NO_SUBJECT]
        to do: bind

WHO MAY ASSUME WHAT
NAMESPACE  SERVICEACCOUNT  BY              VERDICT  ROLE
shop       web             web-identity    allowed  arn:aws:iam::111122223333:role/web
shop       web/fluentd     container-role  refused  arn:aws:iam::111122223333:role/web
`,
  );
});

test('CSV for spreadsheets', () => {
  assert.equal(
    renderAudit(MODEL, 'csv', plain),
    [
      'cluster,namespace,serviceAccount,container,by,role,verdict,pods,reasons,policy,policyReason,servedBy',
      'prod,shop,web,,web-identity,arn:aws:iam::111122223333:role/web,allowed,web-1 web-2,Statement[0] lets it in,none,,sidecar or web identity',
      'prod,shop,web,fluentd,container-role,arn:aws:iam::111122223333:role/web,refused,web-1 web-2,"a, ""b""",none,,',
      '',
    ].join('\r\n'),
  );
});

for (const formula of [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  ' =1',
  '=HYPERLINK("http://x","y")',
  '＝1',
  '－1',
]) {
  test(`CSV never starts a formula: ${JSON.stringify(formula)}`, () => {
    const csv = renderAudit({ ...MODEL, grants: [grant({ serviceAccount: formula })] }, 'csv', plain);
    assert.match(csv, /^prod,shop,"?'/m);
  });
}

test('CSV quotes a semicolon, at which spreadsheets of many countries split', () => {
  const csv = renderAudit({ ...MODEL, grants: [grant({ reasons: ['a', '=1+1'] })] }, 'csv', plain);
  assert.match(csv, /,"a; =1\+1",none,,\r\n/);
});

test('the policy is shown if a rule is about a grant', () => {
  const policyReason = 'policy.yaml has no rule';
  const model = { ...MODEL, grants: [grant(), grant({ policy: 'refused', policyReason })] };
  assert.match(
    renderAudit(model, 'table', plain),
    /BY +POLICY +VERDICT +ROLE\n.* none +allowed .*\n.* refused +allowed /,
  );
  assert.doesNotMatch(renderAudit(MODEL, 'table', plain), /POLICY/);
  assert.match(renderAudit(model, 'csv', plain), /,refused,policy\.yaml has no rule,\r\n/);
  assert.match(renderAudit(model, 'dot', plain), /label="web-identity, against the policy"/);
  assert.match(renderAudit(model, 'json', plain), /"policyReason": "policy\.yaml has no rule"/);
});

test('a graph for Graphviz', () => {
  assert.equal(
    renderAudit(MODEL, 'dot', plain),
    `digraph "who may assume what" {
  rankdir=LR;
  node [shape=box, fontname="sans-serif"];
  "shop/web" [style=rounded];
  "arn:aws:iam::111122223333:role/web" [style=filled, fillcolor="#ddf4ff"];
  "shop/web" -> "arn:aws:iam::111122223333:role/web" [label="web-identity", color="#1a7f37"];
  "shop/web" -> "arn:aws:iam::111122223333:role/web" [label="container-role fluentd", color="#cf222e", style=dotted];
}
`,
  );
});

for (const [name, written] of [
  ['a"b', '"shop/a\\"b"'],
  ['a\\', '"shop/a\\\\"'],
  ['\\"];x', '"shop/\\\\\\"];x"'],
  ['a\nb', '"shop/a b"'],
] as const) {
  test(`a graph quotes ${JSON.stringify(name)}`, () => {
    const dot = renderAudit({ ...MODEL, grants: [grant({ serviceAccount: name })] }, 'dot', plain);
    assert.ok(dot.includes(`  ${written} [style=rounded];\n`), dot);
  });
}

test('SARIF names rule, level and place of each finding', () => {
  const log = asObject(JSON.parse(renderAudit(MODEL, 'sarif', plain)));
  assert.equal(log?.['version'], '2.1.0');
  const run = asObject(asArray(log?.['runs'])?.[0]);
  const driver = asObject(asObject(run?.['tool'])?.['driver']);
  const rules = (asArray(driver?.['rules']) ?? []).map((rule) => asObject(rule)?.['id']);
  assert.deepEqual(rules, Object.keys(auditExplanations));
  const results = (asArray(run?.['results']) ?? []).map((result) => asObject(result) ?? {});
  assert.deepEqual(
    results.map(({ ruleId, level, ruleIndex, locations }) => {
      const location = asObject(asArray(locations)?.[0]);
      const physical = asObject(location?.['physicalLocation']);
      const artifact = asObject(physical?.['artifactLocation']);
      // Code scanning takes no other: its checkout is a folder.
      assert.doesNotMatch(String(artifact?.['uri']), /^[^/]*:/);
      assert.deepEqual(physical?.['region'], { startLine: 1 });
      return [ruleId, level, rules[Number(ruleIndex)], artifact?.['uri']];
    }),
    [
      ['STATIC_KEY', 'error', 'STATIC_KEY', 'kubernetes/prod/shop/Secret/keys'],
      ['NO_SUBJECT', 'error', 'NO_SUBJECT', 'aws/arn:aws:iam::111122223333:role/web'],
    ],
  );
});

test('SARIF has the same fingerprint whatever the order and the wording', () => {
  const prints = (model: AuditModel) => {
    const log = asObject(JSON.parse(renderAudit(model, 'sarif', plain)));
    const results = asArray(asObject(asArray(log?.['runs'])?.[0])?.['results']) ?? [];
    return results.map((result) => JSON.stringify(asObject(result)?.['partialFingerprints'])).sort();
  };
  const findings = [...MODEL.findings].reverse().map((finding) => ({ ...finding, text: 'other words' }));
  assert.deepEqual(prints({ ...MODEL, findings }), prints(MODEL));
  assert.equal(new Set(prints(MODEL)).size, 2);
});

test('SARIF tells findings of one code about one object apart', () => {
  const [first] = MODEL.findings;
  assert.ok(first);
  const findings = [first, { ...first, text: 'another key' }, { ...first, text: 'a third' }];
  const log = renderAudit({ ...MODEL, findings }, 'sarif', plain);
  assert.equal(new Set([...log.matchAll(/"finding\/v1": "(\w+)"/g)].map(([, print]) => print)).size, 3);
});

for (const output of AUDIT_OUTPUTS) {
  test(`hostile names do not leave their place: ${output}`, () => {
    const model = auditModel({ serviceAccounts: 3 * HOSTILE_NAMES.length, isHostile: true });
    const text = renderAudit(model, output, plain);
    if (output === 'json' || output === 'yaml' || output === 'sarif') {
      assert.doesNotThrow(() => output === 'yaml' || JSON.parse(text));
      return;
    }
    // A line feed is the end of a line of podrole, and of no other.
    assert.doesNotMatch(text, /[^\P{Cc}\n\r]|[\u202a-\u202e\u2066-\u2069]/u);
    if (output === 'csv') assert.equal(text.split('\r\n').length, model.grants.length + 2);
  });
}
