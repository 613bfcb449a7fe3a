import type { ScalarTag, Tags } from 'yaml';

/**
 * A plain scalar whose meaning depends on the version of YAML (`on`, `0644`), or whose spelling a number
 * would lose (`1.10`). kubectl reads a mix of 1.1 and 1.2. A copied scalar keeps its spelling, and so its
 * meaning.
 */
export class Verbatim {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /**
   * Returns the value that kubectl reads (go-yaml, through sigs.k8s.io/yaml). A number that JSON lacks stays
   * a string.
   */
  toJSON(): unknown {
    if (/^(?:y|yes|on)$/i.test(this.source)) return true;
    if (/^(?:n|no|off)$/i.test(this.source)) return false;
    const [, sign = '', digits = ''] = /^([-+]?)(.*)$/.exec(this.source.replaceAll('_', '')) ?? [];
    const octal = /^0o?([0-7]+)$/.exec(digits)?.[1];
    const value = octal === undefined ? Number(digits) : Number.parseInt(octal, 8);
    if (!Number.isFinite(value)) return this.source;
    return sign === '-' ? -value : value;
  }
}

/**
 * Scalars that a reader of YAML 1.1 or of 1.2 reads as a boolean or a number, except an integer that both
 * read alike and that a number holds exactly.
 */
const AMBIGUOUS =
  /^(?!(?:0|-?[1-9]\d{0,14})$)(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|[-+]?0(?:[xX][\da-fA-F_]+|[oO][0-7_]+|[bB][01_]+)|[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

const verbatimTag: ScalarTag = {
  tag: 'tag:podrole.dev,2026:verbatim',
  default: true,
  test: AMBIGUOUS,
  resolve: (source) => new Verbatim(source),
  identify: (value) => value instanceof Verbatim,
  stringify: ({ value }) => (value instanceof Verbatim ? value.source : String(value)),
};

/** Option of the `yaml` library that reads such scalars as Verbatim, and writes them as they were. */
export const customTags = (tags: Tags): Tags => [verbatimTag, ...tags];
