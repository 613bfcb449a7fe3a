/** Workloads of a machine that have a network of their own: their table, and the words for them. */
export interface Workloads {
  /** Family and name of the table. Everything in it is podrole's. */
  readonly table: string;
  readonly one: 'pod' | 'container';
  readonly many: 'pods' | 'containers';
  /** Machine on which they run. */
  readonly host: 'node' | 'host';
  /** Command that loads the table. */
  readonly command: string;
  /** Flag that names their interfaces. */
  readonly interfaceFlag: string;
}

/** Pods of a node, which `podrole agent` serves. */
export const PODS: Workloads = {
  table: 'inet podrole_agent',
  one: 'pod',
  many: 'pods',
  host: 'node',
  command: 'podrole redirect --node',
  interfaceFlag: '--pod-interface',
};

/** Containers of a Docker or Podman host, which `podrole docker` serves. */
export const CONTAINERS: Workloads = {
  table: 'inet podrole_docker',
  one: 'container',
  many: 'containers',
  host: 'host',
  command: 'podrole redirect --docker',
  interfaceFlag: '--container-interface',
};
