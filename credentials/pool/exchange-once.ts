import type { ExchangedSession } from '../exchange/exchange.ts';

/** Does one exchange. Only the signal ends it early. */
export type Exchange = (signal: AbortSignal) => Promise<ExchangedSession>;
