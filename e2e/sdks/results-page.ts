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
  const requests = namesIn(results).map((sdk) => {
    const lines = columns.flatMap(({ mode, heading }) => {
      const result = find(results, sdk, mode);
      return result ? [`- ${heading}: ${result.requests || 'nothing'}`] : [];
    });
    return `### ${sdk}\n\n${lines.join('\n')}`;
  });
  return `${INTRODUCTION}\n${renderTable(columns, results)}\n\n${LEGEND}\n${requests.join('\n\n')}\n`;
}

/** Returns docs/sdks-agent.md. */
export function renderAgentPage(columns: readonly ModeColumn[], results: readonly SdkResult[]): string {
  return `${AGENT_INTRODUCTION}\n${renderTable(columns, results)}\n\n${AGENT_LEGEND}`;
}

function namesIn(results: readonly SdkResult[]): readonly string[] {
  return [...new Set(results.map(({ sdk }) => sdk))];
}

function find(results: readonly SdkResult[], sdk: string, mode: string): SdkResult | undefined {
  return results.find((each) => each.sdk === sdk && each.mode === mode);
}

function renderTable(columns: readonly ModeColumn[], results: readonly SdkResult[]): string {
  const verdict = (result: SdkResult | undefined) => {
    if (result === undefined) return '–';
    return result.got ? 'yes' : 'shut out';
  };
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cellsOf = (sdk: string) => columns.map(({ mode }) => verdict(find(results, sdk, mode)));
  return [
    row(['SDK', ...columns.map(({ heading }) => heading)]),
    row(['---', ...columns.map(() => '---')]),
    ...namesIn(results).map((sdk) => row([sdk, ...cellsOf(sdk)])),
  ].join('\n');
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

const AGENT_INTRODUCTION = `# SDKs that the agent was tried with

Which SDK gets credentials from \`podrole agent\` in which way. [sdks.md](sdks.md) is the same for the sidecar.

\`e2e/sdks/agent.test.ts\` writes this page. It runs each SDK unmodified, in the network of a pod of a real
node, and fails if the page differs from what it saw. The SDK reads an object of Ceph's radosgw that only the
role of the pod may read.
`;

const AGENT_LEGEND = `- **yes**: it got the object.
- **–**: the SDK does not have this way.
- **shut out**: by metadata, it knows only version 1, and an agent with \`--imdsv2 required\` answers it with 401.
  By \`…_RELATIVE_URI\`, it does not send the token of \`AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\`, which that agent
  requires.

Without \`--imdsv2 required\`, the default, an SDK that does not send the token is known by its address.
`;
