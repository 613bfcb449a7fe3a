import { readWebIdentityToken } from '../../credentials/exchange/web-identity-token.ts';
import type { Logger } from '../../lib/logger.ts';

/**
 * Logs a token file that cannot be used yet, before a container asks. podrole starts all the same: the file
 * may be written later, and is read again at each exchange.
 */
export async function warnOfTokenFile(file: string, logger: Logger): Promise<void> {
  try {
    await readWebIdentityToken(file);
  } catch (err) {
    logger.warn({ err }, 'the token file cannot be used yet; no container gets credentials');
  }
}
