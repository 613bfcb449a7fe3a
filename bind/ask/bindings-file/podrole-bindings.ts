import { IAM_ROLE } from '../../../lib/contract/iam.ts';
import {
  type FieldPath,
  type FileReport,
  flag,
  integer,
  listOf,
  objectOf,
  oneOf,
  text,
  textMap,
} from '../../../lib/yaml/fields.ts';
import { wellKnownPolicyNames } from '../../well-known/well-known-policy.ts';
import type { Binding } from '../binding.ts';
import { conditionBlock } from './condition-block.ts';
import { policyDocument } from './policy-document.ts';

/** Fields of an entry of `bindings`, the same as in Binding. bindings.schema.json describes them. */
export const bindingFields = {
  namespace: text,
  serviceAccount: text,
  container: text,
  attachRoleArn: text,
  roleName: text,
  rolePath: text,
  attachPolicyArns: listOf(text),
  inlinePolicies: listOf(objectOf({ name: text, document: policyDocument }, ['name', 'document'])),
  wellKnown: listOf(oneOf(wellKnownPolicyNames)),
  permissionsBoundary: text,
  tags: textMap,
  sessionDurationSeconds: integer(IAM_ROLE.maxSessionDurationSeconds),
  roleOnly: flag,
  labels: textMap,
  annotations: textMap,
  subjectPattern: text,
  conditions: conditionBlock,
  audience: text,
  targetRoleArn: text,
  sessionTags: flag,
} as const;

export const bindingsFileFields = {
  apiVersion: text,
  kind: text,
  bindings: listOf(objectOf(bindingFields, ['namespace', 'serviceAccount'])),
} as const;

export const BINDINGS_KIND = { apiVersion: 'podrole.dev/v1alpha1', kind: 'Bindings' } as const;

/** Returns the bindings of a document in podrole's own format. Paths in reports begin at its root. */
export function readPodroleBindings(document: unknown, report: FileReport): readonly FoundBinding[] {
  const read = objectOf(bindingsFileFields, ['bindings'])(document, [], report);
  return (read?.bindings ?? []).map((given, at) => ({
    path: ['bindings', at],
    binding: {
      ...given,
      namespace: given.namespace ?? '',
      serviceAccount: given.serviceAccount ?? '',
      inlinePolicies: given.inlinePolicies?.map(({ name = '', document: policy }) => ({
        name,
        document: policy,
      })),
      tags: given.tags ?? {},
      roleOnly: given.roleOnly ?? false,
      labels: given.labels ?? {},
      annotations: given.annotations ?? {},
    },
  }));
}

/** A binding and its place in the file. */
export interface FoundBinding {
  readonly path: FieldPath;
  readonly binding: Binding;
}
