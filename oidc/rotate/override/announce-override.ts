import type { ApiClient } from '../../../kubernetes/api-client.ts';
import type { Env } from '../../../lib/surroundings.ts';
import { whatBreaks } from '../decide/what-breaks.ts';
import type { Override, RotationState, RotationStep } from '../state/state.ts';
import { describeOldTokenPods } from './old-token-pods.ts';
import { whoAmI } from './who-am-i.ts';

export interface OverrideRequest {
  readonly step: RotationStep;
  readonly state: RotationState | undefined;
  readonly reason: string;
  readonly nowMs: number;
  readonly client: ApiClient;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Prints what `--now` will break, before anything is done, and returns the note about it.
 * @throws PodroleError `API_UNREACHABLE`
 */
export async function announceOverride(request: OverrideRequest): Promise<Override> {
  const { step, state, reason, nowMs, client, env, signal, say } = request;
  const broken = state ? whatBreaks(step, state, nowMs) : [];
  for (const line of broken) say(line);
  if (broken.length === 0) say('there is no wait to skip, so nothing breaks');
  else if (state && step !== 'switch') {
    const mintedBeforeMs = (step === 'finish' ? state.switchedAtMs : state.backedOutAtMs) ?? nowMs;
    for (const line of await describeOldTokenPods(client, mintedBeforeMs, nowMs, signal)) say(line);
  }
  return { step, atMs: nowMs, by: await whoAmI(client, env, signal), reason: reason.trim() };
}
