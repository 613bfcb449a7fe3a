/** One block of a PEM file. RFC 7468 */
export interface PemBlock {
  /** `PUBLIC KEY` */
  readonly label: string;
  /** From its first line to its last, with `\n` alone. */
  readonly text: string;
  /** Number of its first line in the text. */
  readonly line: number;
  readonly isEncrypted: boolean;
}

/** Thrown for a damaged file: a block of it could be lost without notice. */
export class PemError extends Error {
  override readonly name = 'PemError';
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]+)-----$/;
const DASHES = '-----';

/**
 * Returns the blocks of a PEM file. Lines outside of blocks are comments (RFC 7468, section 5.2), unless they
 * contain the five dashes of the first or last line of a block.
 * @throws PemError for a line of dashes that neither begins nor ends a block, and for a block that does not
 *   end
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [at, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    open?.lines.push(line);
    if (!line.includes(DASHES)) continue;
    const [, label] = BEGIN.exec(line) ?? [];
    if (open && line === `-----END ${open.label}-----`) {
      const isEncrypted = open.label.startsWith('ENCRYPTED') || open.lines.some(saysEncrypted);
      blocks.push({ label: open.label, line: open.line, text: `${open.lines.join('\n')}\n`, isEncrypted });
      open = undefined;
    } else if (!open && label !== undefined) {
      open = { label, line: at + 1, lines: [line] };
    } else {
      throw new PemError(
        open
          ? `has a PEM block at line ${open.line}, ${open.label}, that is not ended correctly at line ${at + 1}`
          : `has dashes at line ${at + 1} that neither begin nor end a PEM block`,
      );
    }
  }
  if (open) throw new PemError(`has a PEM block at line ${open.line}, ${open.label}, that does not end`);
  return blocks;
}

/** True for the header of a key that an old OpenSSL encrypted. RFC 1421, section 4.6.1.1 */
function saysEncrypted(line: string): boolean {
  return line.startsWith('Proc-Type:') && line.includes('ENCRYPTED');
}
