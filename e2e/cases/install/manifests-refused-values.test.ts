import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helmTemplate } from '../../setup/install/manifest-renderers.ts';

/** Values that the real helm refuses with the chart, each with its reason. */
const publisher = ['publisher.enabled=true', 'publisher.settings.PODROLE_TO=s3://x'];
const refused: readonly { values: readonly string[]; says: RegExp }[] = [
  { values: ['webhook.replica=3'], says: /at '\/webhook': additional properties 'replica' not allowed/ },
  { values: ['webhook.replicas=0'], says: /at '\/webhook\/replicas': minimum: got 0, want 1/ },
  {
    values: ['webhook.settings.AWS-REGION=x'],
    says: /at '\/webhook\/settings': additional properties 'AWS-REGION' not allowed/,
  },
  {
    values: ['webhook.settings.PODROLE_AWS_REGIN=eu-west-1'],
    says: /additional properties 'PODROLE_AWS_REGIN' not allowed/,
  },
  { values: ['webhook.settings.PODROLE_PORT=1'], says: /additional properties 'PODROLE_PORT' not allowed/ },
  {
    values: ['webhook.settings.PODROLE_LOG_LEVEL=loud'],
    says: /at '\/webhook\/settings\/PODROLE_LOG_LEVEL': value must be one of/,
  },
  {
    values: ['webhook.settings.PODROLE_RESYNC_PERIOD=often'],
    says: /PODROLE_RESYNC_PERIOD': 'often' does not match/,
  },
  {
    values: ['webhook.settings.PODROLE_ACCOUNT_ID=111122223333'],
    says: /PODROLE_ACCOUNT_ID': got number, want string/,
  },
  { values: [...publisher, 'publisher.settings.PODROLE_TOO=x'], says: /'PODROLE_TOO' not allowed/ },
  { values: ['webhook.resources.limits.memory=lots'], says: /at '\/webhook\/resources\/limits\/memory'/ },
  { values: ['image.pullPolicy=Sometimes'], says: /at '\/image\/pullPolicy': value must be one of/ },
  { values: ['image.repository=Pod Role'], says: /at '\/image\/repository'/ },
  { values: ['image.repository=podrole:1'], says: /at '\/image\/repository'/ },
  {
    values: ['webhook.clientCa.configMap=c', 'webhook.clientCa.names={a\\,b}'],
    says: /at '\/webhook\/clientCa\/names\/0': 'a,b' does not match/,
  },
  { values: ['monitoring.runbookUrl=https://x/"y'], says: /at '\/monitoring\/runbookUrl'/ },
  { values: ['image.digest=sha256:1'], says: /at '\/image\/digest'/ },
  { values: ['certManager.enabled=yes'], says: /at '\/certManager\/enabled': got string, want boolean/ },
  { values: ['publisher.enabled=true'], says: /at '\/publisher\/settings': missing property 'PODROLE_TO'/ },
  { values: ['webhook.timeoutSeconds=31'], says: /maximum: got 31, want 20/ },
  { values: ['webhook.port=443'], says: /minimum: got 443, want 1,?024/ },
  { values: ['webhook.podSecurityContext.runAsUser=0'], says: /runAsUser': minimum: got 0, want 1/ },
  { values: ['webhook.podSecurityContext.runAsNonRoot=false'], says: /'runAsNonRoot' not allowed/ },
  { values: ['monitoring.interval=10m'], says: /at '\/monitoring\/interval'/ },
  { values: ['monitoring.runbookUrl=wiki'], says: /at '\/monitoring\/runbookUrl'/ },
  { values: ['webhook.failurePolicy=Fail'], says: /add kube-system to webhook\.excludedNamespaces/ },
  { values: ['webhook.port=9999'], says: /webhook\.port and webhook\.metricsPort are both 9999/ },
  { values: ['webhook.clientCa.names={a}'], says: /names is set without webhook\.clientCa\.configMap/ },
  {
    values: ['webhook.extraEnv[0].name=PODROLE_EVENTS', 'webhook.extraEnv[0].value=x'],
    says: /checked only in webhook\.settings; set PODROLE_EVENTS there/,
  },
  {
    values: ['webhook.extraVolumes[0].name=host', 'webhook.extraVolumes[0].hostPath.path=/'],
    says: /volume host is a hostPath/,
  },
  {
    values: ['webhook.extraVolumes[0].name=clients', 'webhook.extraVolumes[0].configMap.name=x'],
    says: /the volume name clients is podrole's own/,
  },
  {
    values: ['webhook.podLabels.app\\.kubernetes\\.io/name=x'],
    says: /webhook\.podLabels: the label app\.kubernetes\.io\/name is set by the chart/,
  },
  { values: ['commonLabels.helm\\.sh/chart=x'], says: /commonLabels: the label helm\.sh\/chart is set/ },
  { values: ['commonLabels.a=x', 'webhook.podLabels.a=y'], says: /the label a is in commonLabels too/ },
];
for (const { values, says } of refused) {
  test(`helm refuses ${values.join(' ')}`, async () => {
    await assert.rejects(helmTemplate(...values), says);
  });
}
