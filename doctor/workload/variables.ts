import type { ContainerFacts } from '../facts/pod-facts.ts';

type Variable = ContainerFacts['env'][number];

/** Returns a variable of a container; undefined if it is neither set nor taken from elsewhere. */
export function variableOf({ env }: Pick<ContainerFacts, 'env'>, name: string): Variable | undefined {
  return env.find((variable) => variable.name === name);
}

/** Returns true for a variable that has a value, also one that is not shown here. An empty one has none. */
export function isSet(container: Pick<ContainerFacts, 'env'>, name: string): boolean {
  const variable = variableOf(container, name);
  return variable !== undefined && variable.value !== '';
}

/** Returns the value of a variable; undefined if it is not set, or not shown here. */
export function shownValueOf(container: Pick<ContainerFacts, 'env'>, name: string): string | undefined {
  return variableOf(container, name)?.value || undefined;
}
