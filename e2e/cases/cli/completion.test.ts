import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startFakeCluster } from '../../../testing/kubernetes/fake-cluster.ts';
import { findBinary } from '../../cluster/find-binary.ts';
import { runCommand } from '../../cluster/run-command.ts';
import { prepareShell, type ShellName } from '../../shells/shells.ts';

const folder = mkdtempSync(join(tmpdir(), 'podrole-e2e-completion-'));
const cluster = await startFakeCluster();
after(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true });
});
const HOSTILE = ['web$(touch x)', 'web`touch x`', 'web;touch x', "web'touch x'", 'web\ntouch x'];
for (const name of ['web-server', ...HOSTILE]) cluster.put({ metadata: { namespace: 'shop', name } });
for (const name of ['shop', '$(touch x)'])
  cluster.objects.set(`/api/v1/namespaces/${name}`, { metadata: { name } });
const CLUSTER = { PODROLE_KUBE_API: cluster.url };

const LOADS: Readonly<Record<ShellName, string>> = {
  bash: 'source <(podrole completion bash)',
  zsh: 'source <(podrole completion zsh)',
  fish: 'podrole completion fish | source',
};

/** Typed text, and the words that the shell then has. */
const CASES: readonly (readonly [typed: string, words: string])[] = [
  ['podrole unb<TAB>', 'podrole unbind'],
  ['podrole keys rot<TAB>sw<TAB>', 'podrole keys rotate switch'],
  ['podrole list --exit<TAB>', 'podrole list --exit-code'],
  ['podrole list --output=j<TAB>', 'podrole list --output=json'],
  ['podrole list -o j<TAB>', 'podrole list -o json'],
  ['podrole bind --well-known ebs-csi,vpc-cni-<TAB>', 'podrole bind --well-known ebs-csi,vpc-cni-ipv6'],
  ['podrole inject -f some\\ fo<TAB>po<TAB>', 'podrole inject -f some folder/pod.yaml'],
  ['podrole keys create --out some\\ fo<TAB>', 'podrole keys create --out some folder'],
  ['podrole bind -n sh<TAB>we<TAB>', 'podrole bind -n shop web-server'],
  ['podrole bind sh<TAB>', 'podrole bind sh'],
  ['podrole bind shop/we<TAB>', 'podrole bind shop/web-server'],
  ['podrole list --context admin@pr<TAB>', 'podrole list --context admin@prod:1'],
  ["podrole bind '$(touch typed)' --app<TAB>", 'podrole bind $(touch typed) --approve'],
];

const kubeconfig = join(folder, 'kubeconfig');
const contexts = ['admin@prod:1', '$(touch x)'].map((name) => ({
  name,
  context: { cluster: 'a', user: 'a' },
}));
writeFileSync(kubeconfig, JSON.stringify({ clusters: [], users: [], contexts }));

for (const [name, load] of Object.entries(LOADS)) {
  const home = join(folder, name);
  mkdirSync(join(home, 'some folder'), { recursive: true });
  writeFileSync(join(home, 'some folder/pod.yaml'), '');
  const shell = prepareShell(name as ShellName, home, load);
  for (const [typed, words] of CASES) {
    test(`${name}: ${typed}`, async () => {
      const env = typed.includes('--context') ? { KUBECONFIG: kubeconfig } : CLUSTER;
      // zsh removes the slash of a folder again.
      assert.equal((await shell.type(typed, env)).join(' ').replace(/\/$/, ''), words);
      const created = readdirSync(home).filter((file) => /^(?:x|typed)$/.test(file));
      assert.deepEqual(created, [], 'no name and no typed word is run');
    });
  }
}

test('zsh: a file of fpath', async () => {
  const home = join(folder, 'fpath');
  const load = 'fpath=(~ $fpath); podrole completion zsh >~/_podrole; compinit -u -D';
  const shell = prepareShell('zsh', home, load);
  assert.deepEqual(await shell.type('podrole unb<TAB>'), ['podrole', 'unbind']);
});

test('kubectl completes kubectl podrole', async () => {
  const kubectl = findBinary('kubectl', process.env['PODROLE_E2E_BINARIES']);
  const bin = join(folder, 'bash/bin');
  writeFileSync(join(bin, 'kubectl-podrole'), '#!/bin/sh\nexec podrole "$@"\n', { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: folder, ...CLUSTER };
  const { stdout, stderr } = await runCommand(
    kubectl,
    ['__complete', 'podrole', 'bind', '-n', 'shop', 'we'],
    {
      env,
    },
  );
  assert.match(stdout, /^web-server\n:4\n/, stderr);
  assert.ok(!existsSync('x'));
});
