import { type Fault, messageOf, PodroleError } from '../../../lib/errors.ts';
import { asArray, asObject, asText, type JsonObject } from '../../../lib/json/json.ts';
import { parseJson } from '../../../lib/json/parse-json.ts';
import { type Override, ROTATION_MOMENTS, ROTATION_STEPS, type RotationState } from './state.ts';

/**
 * Version of the document. Other versions are refused, so that an older podrole never drops what it does not
 * know.
 */
const VERSION = 1;

/** `publishedAtMs` is `publishedAt` in the document, and an ISO time. */
const MOMENT_NAMES = ROTATION_MOMENTS.map((moment) => [moment, moment.replace(/Ms$/, '')] as const);

/** Renders the document that a rotation keeps beside the publication. */
export function renderRotation(state: RotationState): string {
  const { issuer, oldKid, newKid, tokenLifetimeSeconds, overrides } = state;
  const moments = MOMENT_NAMES.flatMap(([moment, name]) => {
    const atMs = state[moment];
    return atMs === undefined ? [] : [[name, new Date(atMs).toISOString()]];
  });
  const document = {
    version: VERSION,
    issuer,
    oldKid,
    newKid,
    tokenLifetimeSeconds,
    ...Object.fromEntries(moments),
    overrides: overrides.map(({ step, atMs, by, reason }) => ({
      step,
      at: new Date(atMs).toISOString(),
      by,
      reason,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/**
 * Parses the document.
 * @param issuer of the rotation; the document must name the same one
 * @param object name of the document in errors
 * @throws PodroleError `ROTATION_NOTES_INVALID` with a fault for everything that is wrong; podrole never
 * resets the document
 */
export function parseRotation(content: string, issuer: string, object: string): RotationState {
  const problems: string[] = [];
  const notes = readObject(content, object);
  const needText = (name: string) => {
    const value = asText(notes[name]);
    if (!value) problems.push(`${name} is not a string`);
    return value ?? '';
  };
  if (notes['version'] !== VERSION)
    problems.push(`version is ${JSON.stringify(notes['version'])}, not ${VERSION}`);
  const [oldKid, newKid, itsIssuer] = [needText('oldKid'), needText('newKid'), needText('issuer')];
  if (oldKid && oldKid === newKid) problems.push('oldKid and newKid are the same');
  if (itsIssuer && itsIssuer !== issuer) problems.push(`issuer is ${itsIssuer}, not ${issuer}`);
  const tokenLifetimeSeconds = Number(notes['tokenLifetimeSeconds']);
  if (typeof notes['tokenLifetimeSeconds'] !== 'number' || !(tokenLifetimeSeconds > 0)) {
    problems.push('tokenLifetimeSeconds is not a positive number');
  }
  const moments = MOMENT_NAMES.flatMap(([moment, name]) => {
    if (notes[name] === undefined) return [];
    const atMs = timeOf(notes[name]);
    if (atMs === undefined) problems.push(`${name} is not an ISO time`);
    return [[moment, atMs] as const];
  });
  if (notes['startedAt'] === undefined) problems.push('startedAt is missing');
  const overrides = readOverrides(notes['overrides'], problems);
  if (problems.length > 0) throw new PodroleError(problems.map((problem) => invalid(object, problem)));
  const startedAtMs = timeOf(notes['startedAt']) ?? 0;
  return {
    issuer,
    oldKid,
    newKid,
    tokenLifetimeSeconds,
    startedAtMs,
    ...Object.fromEntries(moments),
    overrides,
  };
}

function readOverrides(value: unknown, problems: string[]): readonly Override[] {
  const items = asArray(value);
  if (!items) problems.push('overrides is not a list');
  return (items ?? []).flatMap((item, index) => {
    const { step: itsStep, at, by, reason } = asObject(item) ?? {};
    const step = ROTATION_STEPS.find((known) => known === itsStep);
    const [atMs, who, why] = [timeOf(at), asText(by), asText(reason)];
    if (step && atMs !== undefined && who !== undefined && why !== undefined) {
      return [{ step, atMs, by: who, reason: why }];
    }
    problems.push(`overrides[${index}] lacks step, at, by or reason`);
    return [];
  });
}

function readObject(content: string, object: string): JsonObject {
  try {
    const parsed = asObject(parseJson(content));
    if (parsed) return parsed;
  } catch (thrown) {
    throw new PodroleError(invalid(object, messageOf(thrown)), { cause: thrown });
  }
  throw new PodroleError(invalid(object, 'is not a JSON object'));
}

/** Accepts only what isoTime writes: `Date.parse` accepts much more, in the time zone of the machine. */
function timeOf(value: unknown): number | undefined {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(atMs) && new Date(atMs).toISOString() === value ? atMs : undefined;
}

function invalid(object: string, problem: string): Fault {
  return {
    code: 'ROTATION_NOTES_INVALID',
    object,
    problem,
    remedy: 'restore its last version; if certainly no rotation is under way, remove the document by hand',
  };
}
