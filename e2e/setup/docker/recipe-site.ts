import { ROLE_LABEL } from '../../../lib/contract/podrole.ts';
import { startSite, type TemporarySite } from '../temporary-site.ts';
import type { InContainer } from './credential-steps.ts';
import { type HostAws, startHostAws } from './host-aws.ts';
import type { ContainerHost } from './host-machine.ts';
import { type HostMetadata, startHostMetadata } from './host-metadata.ts';
import { makeToolsImage, TOOLS_IMAGE } from './tools-image.ts';

/** The two roles of the recipe: one may put to the bucket, and one may only list it. */
export const FLUENT = 'fluent';
export const PHP = 'php';

/** A Docker host with its own metadata outside, and an AWS with the two roles of the recipe. */
export interface RecipeSite<Host extends ContainerHost> extends TemporarySite {
  readonly host: Host;
  readonly aws: HostAws;
  readonly metadata: HostMetadata;
  /** ARNs. */
  readonly fluent: string;
  readonly php: string;
}

/** @param startHost starts Docker or Podman */
export function startRecipeSite<Host extends ContainerHost>(
  startHost: () => Promise<Host>,
): Promise<RecipeSite<Host>> {
  return startSite(async ({ onStop }) => {
    const [aws, host] = await Promise.all([startHostAws(), startHost()]);
    onStop(() => aws.stop());
    onStop(() => host.stop());
    await makeToolsImage(host);
    const metadata = await startHostMetadata(aws.radosgw.credentials);
    onStop(() => metadata.stop());
    const fluent = await aws.createRole(FLUENT, ['s3:PutObject', 's3:ListBucket', 's3:GetObject']);
    const php = await aws.createRole(PHP, ['s3:ListBucket']);
    return { host, aws, metadata, fluent, php };
  });
}

/**
 * Starts a container with curl, and returns what runs commands in it.
 * @param options of `docker run`
 */
export async function startContainer(
  { client, exec }: Pick<ContainerHost, 'client' | 'exec'>,
  name: string,
  ...options: readonly string[]
): Promise<InContainer> {
  // As process 1, the command would not end on SIGTERM.
  await client('run', '--detach', '--stop-signal', 'KILL', '--name', name, ...options, TOOLS_IMAGE);
  return (command) => exec(name, command);
}

/** Option of `docker run` that names the role. */
export function labelled(role: string): readonly string[] {
  return ['--label', `${ROLE_LABEL}=${role}`];
}
