/** Kinds by API group whose objects are neither ServiceAccounts nor hold pod templates. */
const PASSIVE_KINDS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'ConfigMap',
    'Endpoints',
    'Namespace',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Secret',
    'Service',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'networking.k8s.io': ['Ingress', 'NetworkPolicy'],
  policy: ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
};

/**
 * Returns the text with a scalar and a comment in place of each document that certainly is of one of these
 * kinds. To parse them takes nearly all the time for a file with CustomResourceDefinitions. The number of
 * documents and the offsets of all others stay as they are. A line that begins with `---` ends a document
 * wherever it stands, so documents are found without parsing them. Everything unusual is left in: then the
 * parser decides.
 * @param active kinds that are parsed all the same
 */
export function maskPassiveDocuments(text: string, active: ReadonlySet<string> = NO_KINDS): string {
  const parts: string[] = [];
  let at = 0;
  for (let start = 0; start < text.length; ) {
    const end = endOfDocument(text, start);
    const body = text.startsWith('---', start) ? bodyAfterMarker(text, start, end) : start;
    if (body !== undefined && isPassive(text, body, end, active)) {
      parts.push(text.slice(at, body), maskOf(end - body, text.endsWith('\n', end)));
      at = end;
    }
    start = end;
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(at);
}

const NO_KINDS: ReadonlySet<string> = new Set();

/** Returns the offset of the next line that begins a document, or the end of the text. */
function endOfDocument(text: string, start: number): number {
  for (let at = text.indexOf('\n---', start); at >= 0; at = text.indexOf('\n---', at + 4)) {
    if (isBlank(text.charCodeAt(at + 4))) return at + 1;
  }
  return text.length;
}

/** Returns the offset of the line after `---`; undefined if more than a comment is beside it. */
function bodyAfterMarker(text: string, start: number, end: number): number | undefined {
  const body = lineEnd(text, start, end);
  return /^---[ \t]*(?:[ \t]#.*)?\r?\n$/.test(text.slice(start, body)) ? body : undefined;
}

/** A null, so that the document still counts, and a comment up to the last line break. */
function maskOf(length: number, hasLineBreak: boolean): string {
  return `${'~ #'.padEnd(length - (hasLineBreak ? 1 : 0), '-')}${hasLineBreak ? '\n' : ''}`;
}

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const NUMBER_SIGN = 35;
const DASH = 45;

/** A plain key, and on its line nothing or a plain or quoted word: `kind: Pod`. */
const KEY = /([A-Za-z]\w*):(?:[ \t]*\r?\n|[ \t]+(?:(["']?)([\w./-]+)\2[ \t]*(?:[ \t]#.*)?\r?\n)?|$)/y;

/**
 * Returns true for a mapping in block style that has only plain keys, each once, and a passive `kind` and
 * `apiVersion` on one line each. Lines that are indented belong to one of its members.
 */
function isPassive(text: string, start: number, end: number, active: ReadonlySet<string>): boolean {
  const members = new Map<string, string | undefined>();
  for (let at = start; at < end; at = lineEnd(text, at, end)) {
    const first = text.charCodeAt(at);
    const isInner = first === SPACE || first === NEWLINE || first === NUMBER_SIGN;
    if (isInner || (first === CARRIAGE_RETURN && text.charCodeAt(at + 1) === NEWLINE)) continue;
    // An item of the list that a key on a line before it has.
    if (first === DASH && text.charCodeAt(at + 1) === SPACE && members.size > 0) continue;
    KEY.lastIndex = at;
    const [, key, , value] = KEY.exec(text) ?? [];
    if (key === undefined || members.has(key)) return false;
    members.set(key, value);
  }
  const [kind, version] = [members.get('kind'), members.get('apiVersion')];
  if (kind === undefined || version === undefined || active.has(kind)) return false;
  const group = version.includes('/') ? version.slice(0, version.lastIndexOf('/')) : '';
  const isKnown = Object.hasOwn(PASSIVE_KINDS, group) && PASSIVE_KINDS[group]?.includes(kind) === true;
  return isKnown && !mayBeTemplate(text, start, end);
}

/** Returns true if `{{` stands where a value begins, as in a template that was not rendered. */
function mayBeTemplate(text: string, start: number, end: number): boolean {
  // Of this document only: a search in all of the text, for each document, would take quadratic time.
  const document = text.slice(start, end);
  for (let at = document.indexOf('{{'); at >= 0; at = document.indexOf('{{', at + 2)) {
    let before = at - 1;
    while (document[before] === ' ' || document[before] === '\t') before -= 1;
    if ('\n:-?,[{'.includes(document[before] ?? '\n')) return true;
  }
  return false;
}

function lineEnd(text: string, at: number, end: number): number {
  const lineBreak = text.indexOf('\n', at);
  return lineBreak < 0 || lineBreak >= end ? end : lineBreak + 1;
}

function isBlank(code: number): boolean {
  return Number.isNaN(code) || code === SPACE || code === NEWLINE || code === CARRIAGE_RETURN || code === 9;
}
