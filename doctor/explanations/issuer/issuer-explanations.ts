import type { Explanations } from '../explanation.ts';
import { certificateExplanations } from './certificate-explanations.ts';
import { discoveryExplanations } from './discovery-explanations.ts';
import { keysExplanations } from './keys-explanations.ts';
import { urlExplanations } from './url-explanations.ts';

export const issuerExplanations = {
  ...urlExplanations,
  ...discoveryExplanations,
  ...keysExplanations,
  ...certificateExplanations,
} as const satisfies Explanations;
