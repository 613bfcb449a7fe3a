import { choice } from './kinds.ts';

/** `-o` of a command whose result is text for people, or the same for programs. */
export const resultOutput = choice({
  values: ['text', 'json', 'yaml'],
  default: 'text',
  short: 'o',
  help: 'Format of the result: for people, or for programs',
});
