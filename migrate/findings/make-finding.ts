import type { MigrationFinding } from '../model.ts';

type Made = Pick<MigrationFinding, 'text' | 'remedy'>;

/** Makes findings about one object. */
export function findingsAbout(object: string) {
  const of =
    (weight: MigrationFinding['weight']) =>
    (made: Made): MigrationFinding => ({
      weight,
      object,
      ...made,
    });
  return { breaks: of('breaks'), decide: of('decide'), note: of('note') };
}

/** Most names in one finding. */
const MAX_NAMES = 5;

/** `a, b and 3 more` */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
