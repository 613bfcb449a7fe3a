import { z } from 'zod';
import { chainFactsSchema } from '../facts/chain-facts.ts';

/** Kind and version of a saved file. A change that older versions would misread gets a new number. */
export const FORMAT = 'podrole-doctor-facts/1';

/** A file of `--save`: the facts of one chain. */
export const savedFileSchema = z.object({ format: z.literal(FORMAT), facts: chainFactsSchema });

/** Names of the files: `001-shop-web.json`. */
export const FACTS_FILE = /\.json$/;
