import type { Document } from 'yaml';
import { type Fault, messageOf, PodroleError, throwIfAny } from '../../lib/errors.ts';
import { placesIn } from '../../lib/text/place-in-text.ts';
import { writePlace } from '../../lib/text/write-place.ts';
import type { FieldPath, FileReport } from '../../lib/yaml/fields.ts';
import { createOffsetOf } from '../../lib/yaml/offset-of.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';
import { yamlFault } from '../../lib/yaml/yaml-fault.ts';
import type { RolePolicy } from '../role-policy.ts';
import { policyFields, UNLISTED } from './fields.ts';

/** Most rules of a policy file. Each admission request goes through all of them. */
const MAX_RULES = 1_000;

/**
 * Parses a policy file.
 * @param origin name of the file, for messages
 * @throws PodroleError `INVALID_ROLE_POLICY` with every fault, each with its line
 */
export function parseRolePolicy(text: string, origin: string): RolePolicy {
  const faults: Fault[] = [];
  const placeOf = placesIn(text);
  const add = (object: string, problem: string, remedy: string) =>
    faults.push({ code: 'INVALID_ROLE_POLICY', object, problem, remedy });
  const document = onlyDocument(text, origin);
  const offsetOf = createOffsetOf(document);
  const place = (path: FieldPath) => `${origin}:${placeOf(offsetOf(path)).line} ${writePlace(path)}`.trim();
  const report: FileReport = {
    fault: (path, problem, remedy) => add(place(path), problem, remedy),
    notice: () => undefined,
    place,
  };
  const policy = readPolicy(plainData(document, origin), report, origin);
  throwIfAny(faults);
  return policy;
}

/** @throws PodroleError if there is not exactly one document, or it is not YAML */
function onlyDocument(text: string, origin: string): Document.Parsed {
  const invalid = (problem: string, remedy: string): Fault => ({
    code: 'INVALID_ROLE_POLICY',
    object: origin,
    problem,
    remedy,
  });
  const documents = parseYamlDocuments(text, { merge: true });
  throwIfAny(
    documents.flatMap(({ errors, warnings }) => {
      // One mistake can cause errors in all that follows, so only the first is reported.
      const [first] = [...errors, ...warnings];
      if (!first) return [];
      const { problem, remedy } = yamlFault(first, placesIn(text));
      return [invalid(problem, remedy)];
    }),
  );
  const [document, second] = documents;
  if (!document) throw new PodroleError(invalid('holds nothing', 'write one RolePolicy'));
  if (second) throw new PodroleError(invalid('has more than one document', 'write one RolePolicy'));
  return document;
}

/** @throws PodroleError if aliases make the file much larger than its text */
function plainData(document: Document.Parsed, origin: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1_000 });
  } catch (thrown) {
    throw new PodroleError(
      {
        code: 'INVALID_ROLE_POLICY',
        object: origin,
        problem: messageOf(thrown),
        remedy: 'fix the aliases there',
      },
      { cause: thrown },
    );
  }
}

function readPolicy(value: unknown, report: FileReport, origin: string): RolePolicy {
  const read = policyFields(value, [], report);
  const rules = read?.rules ?? [];
  if (rules.length > MAX_RULES) {
    report.fault(['rules'], `has more than ${MAX_RULES} rules`, 'use patterns with *');
  }
  return {
    origin,
    rules: rules.map(({ namespaces = [], serviceAccounts = ['*'], roles = [] }) => ({
      namespaces,
      serviceAccounts,
      roles,
    })),
    unlisted: UNLISTED.find((one) => one === read?.unlisted) ?? 'deny',
  };
}
