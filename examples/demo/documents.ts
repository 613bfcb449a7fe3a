import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import type { Pod } from '../../testing/admission/admission.ts';

const folder = new URL('../', import.meta.url);

interface ExampleServiceAccount {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations: Record<string, string>;
  };
}

interface ExampleStsConfig {
  readonly providers: readonly { readonly url: string }[];
  readonly roles: readonly {
    readonly trustPolicy: {
      readonly Statement: readonly {
        readonly Condition: { readonly StringEquals: Readonly<Record<string, string>> };
      }[];
    };
  }[];
}

export function readPod(): Pod {
  return parse(readExample('pod.yaml')) as Pod;
}

export function readServiceAccounts(): readonly ExampleServiceAccount[] {
  return parseAllDocuments(readExample('serviceaccounts.yaml')).map(
    (document) => document.toJS() as ExampleServiceAccount,
  );
}

export function readStsConfig(): ExampleStsConfig {
  return parse(readExample('sts.yaml')) as ExampleStsConfig;
}

function readExample(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}
