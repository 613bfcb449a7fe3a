import { randomBytes } from 'node:crypto';

/** Link to the current folder of the token, as in kubelet's projected volumes. [k8s] AtomicWriter */
export const CURRENT_LINK = '..data';

const OWN_FOLDER = /^\.\.\d{4}(?:_\d\d){5}\.podrole-[0-9a-f]{16}$/;
const OWN_DRAFT_LINK = /^\.\.data_tmp\.podrole-[0-9a-f]{16}$/;

/**
 * Returns a new name for a folder, with the time in UTC: `..2026_01_31_12_00_00.podrole-0123456789abcdef`.
 */
export function newFolderName(now: Date): string {
  const time = now.toISOString().slice(0, 19).replace(/[-:T]/g, '_');
  return `..${time}.podrole-${randomBytes(8).toString('hex')}`;
}

/** Returns a new name for the link that then replaces `..data`. */
export function newDraftLinkName(): string {
  return `${CURRENT_LINK}_tmp.podrole-${randomBytes(8).toString('hex')}`;
}

export function isOwnFolderName(name: string): boolean {
  return OWN_FOLDER.test(name);
}

export function isOwnDraftLinkName(name: string): boolean {
  return OWN_DRAFT_LINK.test(name);
}
