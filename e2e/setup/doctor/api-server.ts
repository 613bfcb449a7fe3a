import type { DoctorSite } from './doctor-site.ts';

/** Starts the API server again with other flags; without any, with those of the healthy site. */
export async function restartApiServer(
  { cluster, webhook, settle }: DoctorSite,
  change: (args: readonly string[]) => readonly string[] = (args) => args,
): Promise<void> {
  await cluster.stopApiServer();
  await cluster.startApiServer(change(cluster.apiServerArguments));
  // Its watch would go on only after its back-off.
  await webhook.hang();
  webhook.resume();
  await settle();
}

/**
 * Returns the flags for another issuer of new tokens. Tokens of the previous one stay valid, such as that of
 * the webhook.
 */
export function withIssuer(issuer: string): (args: readonly string[]) => readonly string[] {
  return (args) =>
    args.flatMap((arg) =>
      arg.startsWith('--service-account-issuer=') ? [`--service-account-issuer=${issuer}`, arg] : [arg],
    );
}

/** Returns the flags with which the API server accepts a further audience. */
export function withAudience(audience: string): (args: readonly string[]) => readonly string[] {
  return (args) => args.map((arg) => (arg.startsWith('--api-audiences=') ? `${arg},${audience}` : arg));
}

/** Returns the flags with which new tokens are signed by another key, and those of the old one stay valid. */
export function withSigningKey(file: string): (args: readonly string[]) => readonly string[] {
  return (args) => [
    ...args.filter((arg) => !arg.startsWith('--service-account-signing-key-file=')),
    `--service-account-signing-key-file=${file}`,
    `--service-account-key-file=${file}`,
  ];
}
