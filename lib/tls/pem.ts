/** One block of a PEM text. RFC 7468 */
export interface PemBlock {
  /** `PUBLIC KEY` */
  readonly label: string;
  /** From its first line to its last, with `\n` alone. */
  readonly text: string;
  /** Number of its first line in the text. */
  readonly line: number;
  readonly isEncrypted: boolean;
}

/** Thrown for a text that is damaged: a block of it could be lost unseen. */
export class PemError extends Error {
  override readonly name = 'PemError';
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]+)-----$/;
const DASHES = '-----';

/**
 * The blocks of a PEM text, one line after the other. Lines outside of blocks are comments, as RFC 7468, section 5.2, has it, unless
 * they hold the five dashes of a block's first or last line.
 * @throws PemError for a line of dashes that begins or ends no block, and for a block that does not end
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

/** The header of OpenSSL's former way to encrypt a key. RFC 1421, section 4.6.1.1 */
function saysEncrypted(line: string): boolean {
  return line.startsWith('Proc-Type:') && line.includes('ENCRYPTED');
}
