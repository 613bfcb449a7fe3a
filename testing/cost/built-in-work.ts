/** Work of built-in functions. */
interface BuiltInWork {
  /** Number of elements and characters that they visited. */
  readonly elements: number;
}

/** A property of an object that holds a function. */
interface Place {
  readonly owner: object;
  readonly name: PropertyKey;
  /** Returns the number of elements or characters that a call visits. */
  readonly sizeOf: (self: unknown, args: readonly unknown[], result: unknown) => number;
}

const ofSelf: Place['sizeOf'] = (self) => lengthOf(self);
const ofResult: Place['sizeOf'] = (_self, _args, result) => lengthOf(result);
const ofBoth: Place['sizeOf'] = (self, _args, result) => lengthOf(self) + lengthOf(result);
/** Distance from the start of the search to its end. */
const ofSearch: Place['sizeOf'] = (self, [, from], found) => {
  const end = typeof found === 'number' && found >= 0 ? found + 1 : lengthOf(self);
  return Math.max(end - (typeof from === 'number' ? from : 0), 1);
};
const ofSearchBackwards: Place['sizeOf'] = (self, [, from], found) => {
  const begin = typeof from === 'number' ? Math.min(from, lengthOf(self)) : lengthOf(self);
  return Math.max(begin - (typeof found === 'number' ? found : 0), 1);
};
const ofFirst: Place['sizeOf'] = (_self, [first]) => lengthOf(first);

/** Built-in functions whose work grows with their input, which V8's block counts do not show. */
const PLACES: readonly Place[] = [
  ...places(Array.prototype, ['includes', 'lastIndexOf', 'reverse', 'shift', 'unshift'], ofSelf),
  ...places(Array.prototype, ['indexOf'], ofSearch),
  ...places(Array.prototype, ['sort', 'splice', 'toSorted', 'fill', 'copyWithin', 'toReversed'], ofSelf),
  ...places(Array.prototype, ['slice', 'concat', 'join', 'flat', 'with', 'toSpliced'], ofResult),
  ...places(Array.prototype, ['values', 'entries', Symbol.iterator], ofSelf),
  ...places(
    Set.prototype,
    ['union', 'difference', 'intersection', 'isSubsetOf', Symbol.iterator],
    sizeOfSelf,
  ),
  ...places(Map.prototype, ['entries', 'keys', 'values', Symbol.iterator], sizeOfSelf),
  ...places(String.prototype, ['includes', 'split', 'trim', 'trimEnd'], ofSelf),
  ...places(String.prototype, ['indexOf'], ofSearch),
  ...places(String.prototype, ['lastIndexOf'], ofSearchBackwards),
  ...places(String.prototype, ['toLowerCase', 'toUpperCase', 'localeCompare', 'normalize'], ofSelf),
  ...places(String.prototype, ['replace', 'replaceAll', 'trimStart', 'padStart', 'padEnd', 'repeat'], ofBoth),
  ...places(Object, ['keys', 'values', 'entries', 'fromEntries', 'assign'], ofResult),
  ...places(Array, ['from'], ofResult),
  ...places(JSON, ['stringify'], ofResult),
  ...places(JSON, ['parse'], ofFirst),
  ...places(globalThis, ['structuredClone', 'encodeURIComponent', 'decodeURIComponent'], ofFirst),
];

/**
 * Counts the work of built-in functions during a call by replacing them. Nothing else may run at the same
 * time. `{...object}` cannot be counted this way.
 */
export async function countBuiltInWork(call: () => unknown): Promise<BuiltInWork> {
  let elements = 0;
  const restore = PLACES.map((place) => stand(place, (size) => (elements += size)));
  try {
    await call();
  } finally {
    for (const back of restore) back();
  }
  return { elements };
}

/** Replaces a function by one that counts; returns a function that restores it. */
function stand({ owner, name, sizeOf }: Place, count: (size: number) => void): () => void {
  const former = Object.getOwnPropertyDescriptor(owner, name);
  const work: unknown = former?.value;
  if (!former || typeof work !== 'function')
    throw new Error(`${String(name)} is not a function of its object`);
  function counting(this: unknown, ...args: readonly unknown[]): unknown {
    const result: unknown = Reflect.apply(work as () => unknown, this, args);
    count(sizeOf(this, args, result));
    return result;
  }
  Object.defineProperty(owner, name, { ...former, value: counting });
  return () => Object.defineProperty(owner, name, former);
}

function places(owner: object, names: readonly PropertyKey[], sizeOf: Place['sizeOf']): readonly Place[] {
  return names.map((name) => ({ owner, name, sizeOf }));
}

/** Returns the length of a string or list, the number of members of an object, and 1 for any other value. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (value instanceof Set || value instanceof Map) return value.size;
  if (typeof value !== 'object' || value === null) return 1;
  let members = 0;
  for (const name in value) if (name !== '') members++;
  return members;
}

function sizeOfSelf(self: unknown): number {
  return lengthOf(self);
}
