/** Result of one SDK in one mode, from a real run. */
export interface SdkResult {
  readonly sdk: string;
  readonly mode: string;
  /** True if it got the object. */
  readonly got: boolean;
  /** Its requests to the sidecar, in order. */
  readonly requests: string;
}

/** Column of a mode in the table, in order. */
interface ModeColumn {
  readonly mode: string;
  /** Markdown. */
  readonly heading: string;
}

/** Returns docs/sdks.md. The results of an SDK do not contain the modes that it does not support. */
export function renderSdksPage(columns: readonly ModeColumn[], results: readonly SdkResult[]): string {
  const names = [...new Set(results.map(({ sdk }) => sdk))];
  const find = (sdk: string, mode: string) => results.find((each) => each.sdk === sdk && each.mode === mode);
  const verdict = (result: SdkResult | undefined) => {
    if (result === undefined) return '–';
    return result.got ? 'yes' : 'shut out';
  };
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['SDK', ...columns.map(({ heading }) => heading)]),
    row(['---', ...columns.map(() => '---')]),
    ...names.map((sdk) => row([sdk, ...columns.map(({ mode }) => verdict(find(sdk, mode)))])),
  ];
  const requests = names.map((sdk) => {
    const lines = columns.flatMap(({ mode, heading }) => {
      const result = find(sdk, mode);
      return result ? [`- ${heading}: ${result.requests || 'nothing'}`] : [];
    });
    return `### ${sdk}\n\n${lines.join('\n')}`;
  });
  return `${INTRODUCTION}\n${table.join('\n')}\n\n${LEGEND}\n${requests.join('\n\n')}\n`;
}

const INTRODUCTION = `# SDKs that the sidecar was tried with

Which SDK finds credentials in which way. [sidecar-in-pods.md](sidecar-in-pods.md) and
[sidecar.md](sidecar.md) say how to offer them.

\`e2e/sdks/sdks.test.ts\` writes this page. It runs each SDK unmodified, and fails if the page differs from what
it saw. The client runs in a network namespace with \`podrole redirect\`, \`podrole sidecar\` and Ceph's radosgw,
and knows neither key nor token. It reads an object that radosgw gives only to the role. radosgw verified the
web identity token when the sidecar exchanged it, and verifies the signature of each request.
`;

const LEGEND = `- **yes**: it got the object.
- **–**: the SDK does not have this way.
- **shut out**: the SDK knows only version 1 of instance metadata, and a sidecar that requires IMDSv2 answers
  it with 401. \`--imdsv2 optional\`, the default, serves both versions.

\`e2e/sdks/refresh.test.ts\` checks that an SDK goes on after the end of a session, with sessions of seconds: by
metadata and by \`…_RELATIVE_URI\`, each asks again and gets the object with the next session. Two kinds are not
in that test: commands, which end before (awscli, s3cmd, rclone); and boto3 1.44 by metadata, which keeps
credentials near their end for ten minutes more.

## What each asks, in order

The number after a request is the status of its answer.

| in a list | request |
|---|---|
| \`token\` | \`PUT /latest/api/token\`, with the requested lifetime |
| \`roles\`, \`roles/\` | \`GET /latest/meta-data/iam/security-credentials\`, without and with a slash at the end |
| \`role\` | the credentials of the role that the answer to \`roles\` names |
| the message of that refusal as a role | the SDK took the error message for the name of a role |
| \\* | the request carried the session token |
| \`UID\` | a secret path; in a pod, the pod's UID |
| with the token of the file | the SDK also sent the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which the secret path does not need |
`;
