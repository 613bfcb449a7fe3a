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
    return result.got ? 'yes' : 'refused';
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

const INTRODUCTION = `# SDKs tested with the sidecar

\`e2e/sdks/sdks.test.ts\` runs each of these SDKs unmodified, writes this page, and fails if its result differs from the page. The test
runs \`podrole redirect\`, \`podrole sidecar\` and Ceph's radosgw in a network namespace. A client without keys and tokens reads an object that
only the role may read. radosgw verifies the web identity token when the sidecar exchanges it, and the signature of each request.
`;

const LEGEND = `"yes": it got the object. "–": the SDK has no such mode. "refused": a sidecar that requires IMDSv2 answers 401 to an SDK that supports only version 1;
\`--imdsv2 optional\`, the default, serves both.

\`e2e/sdks/refresh.test.ts\` checks that the SDKs survive the end of a session, with sessions of seconds: with metadata and with
\`…_RELATIVE_URI\`, each sends another request and gets the object with the next session. It leaves out commands, which end before
(awscli, s3cmd, rclone), and boto3 1.44 with metadata, which uses credentials that are about to expire for ten more minutes.

## Requests of each SDK, in order

Each request is followed by the status of its answer.

- Instance metadata: \`token\` is \`PUT /latest/api/token\`, with the requested lifetime. \`roles\` and \`roles/\` are
  \`GET /latest/meta-data/iam/security-credentials\` without and with a trailing slash. \`role\` is the credentials of the role in that list.
  A star means that the request contained the token.
- Container credentials: \`UID\` stands for a secret path, in a pod the pod's UID. "with the token of the file" means that the SDK also sent
  the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which the secret path does not need.
`;
