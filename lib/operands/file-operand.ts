const FILE_NAME = /\.(?:ya?ml|json)$/i;

/** Returns true for an operand that is a file and not a name: `-`, `./apps`, `app.yaml`. */
export function looksLikeFile(operand: string): boolean {
  return operand === '-' || /^(?:\.{0,2}|~)\//.test(operand) || FILE_NAME.test(operand);
}
