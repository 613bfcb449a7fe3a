/** What came of one SDK in one mode, by a real run. */
export interface SdkResult {
  readonly sdk: string;
  readonly mode: string;
  /** Whether it got the object. */
  readonly got: boolean;
  /** What it asked the sidecar, in order. */
  readonly requests: string;
}

/** Column of a mode in the table, in order. */
export interface ModeColumn {
  readonly mode: string;
  /** Markdown. */
  readonly heading: string;
}

/** docs/sdks.md. A mode that an SDK does not know is left out of its results. */
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

Written by \`e2e/sdks/sdks.test.ts\`, which runs each of these unmodified and fails where this page is not what it saw. In a network namespace with
\`podrole redirect\`, \`podrole sidecar\` and Ceph's radosgw, a client that knows neither key nor token reads an object that radosgw gives to the role alone;
radosgw verified the web identity token when the sidecar exchanged it, and verifies the signature of each request.
`;

const LEGEND = `"yes": it got the object. "–": the SDK has no such mode. "shut out": a sidecar that requires IMDSv2 answers 401 to an SDK that knows version 1 alone;
\`--imdsv2 optional\`, the default, serves both.

That they go on beyond the end of a session is seen by \`e2e/sdks/refresh.test.ts\`, with sessions of seconds: by metadata and by \`…_RELATIVE_URI\`, each asks
again and gets the object by the next session. Two kinds are not among them: commands, which end before (awscli, s3cmd, rclone); and boto3 1.44 by metadata,
which keeps what is near its end for ten minutes more.

## What each asks, in order

With the status that it was answered. Of instance metadata, \`token\` is \`PUT /latest/api/token\` with the lifetime asked for, \`roles\` and \`roles/\` are
\`GET /latest/meta-data/iam/security-credentials\` without and with a slash at its end, \`role\` is the credentials of the role that it lists. A star says that the token was sent along.
Of container credentials, \`UID\` stands for a secret path, in a pod the pod's UID. "with the token of the file" means that the SDK also sent the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which the secret path does not need.
`;
