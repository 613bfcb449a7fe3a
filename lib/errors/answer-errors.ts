import type { ErrorCatalogue } from './catalogue.ts';

/** Codes in the HTTP answers of the webhook, the sidecar, the agent and `podrole docker`. */
export const answerErrors = {
  AGENT_TOKEN_REQUIRED: {
    happened:
      'The agent runs with `--imdsv2 required`, so it serves container credentials only for the token of the pod.',
    remedy: 'Use an SDK that sends the token of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.',
  },
  AUTHORIZATION_REFUSED: {
    happened:
      'A request for container credentials has no `Authorization`, or another than the sidecar expects.',
    remedy:
      'Set `AWS_CONTAINER_AUTHORIZATION_TOKEN` or `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` in the client, or request the secret path if there is one.',
  },
  BODY_INCOMPLETE: {
    happened:
      'The sidecar did not receive the whole body of a request. The webhook answers `UNREADABLE_BODY` to that.',
    remedy: 'Send the request again. Requests to the sidecar need no body.',
  },
  BODY_TOO_LARGE: {
    happened: 'The body of a request is larger than podrole reads.',
    remedy: 'Find out who sends it: neither an SDK nor an API server does.',
  },
  CALLER_NOT_ALLOWED: {
    happened: 'The name in the client certificate is not one of `--client-name` of the webhook.',
    remedy: 'See [Client certificates](client-certificates.md).',
  },
  CALLER_UNCLEAR: {
    happened:
      'The agent does not know for certain which pod has the address of the request, or `podrole docker` which container: it has just started, the address has just changed hands, or the API server or the Docker daemon does not answer.',
    remedy:
      'Ask again: SDKs do. If it lasts, look at `/readyz` and the log of the agent or of `podrole docker`.',
  },
  CALLER_UNKNOWN: {
    happened:
      'The address of a request is not that of a pod of the node of the agent, or of a container on a bridge network of the host of `podrole docker`.',
    remedy:
      'Nothing for another machine: it gets no role. For a pod, check that no network address translation hides its address from its node. Give a container a bridge network in place of `--network host`.',
  },
  CREDENTIALS_NOT_SERVED: {
    happened:
      'With `--imdsv2 required` the sidecar serves container credentials only for a secret, and it has none. `podrole docker` then serves no container credentials.',
    remedy:
      'Set `--credentials-path` or `--authorization-token-file`. On a Docker host, use instance metadata.',
  },
  CREDENTIALS_PATH_REFUSED: {
    happened: 'The sidecar serves container credentials at a secret path, and this is not it.',
    remedy: 'Request the whole URI of `AWS_CONTAINER_CREDENTIALS_FULL_URI`.',
  },
  FORBIDDEN: {
    happened:
      'In an answer of the sidecar: a request for a session token of the instance metadata came through a proxy. Elsewhere the code has another meaning: see [Kubernetes API server](#kubernetes-api-server).',
    remedy: 'Exclude `169.254.169.254` from the proxy (`NO_PROXY`).',
  },
  FORWARDED: {
    happened: 'A request for container credentials came through a proxy.',
    remedy: 'Exclude the host of the request from the proxy (`NO_PROXY`).',
  },
  HOST_NOT_ALLOWED: {
    happened: 'The `Host` of a request is neither an address of the metadata service nor a name of loopback.',
    remedy: 'Request the sidecar by `169.254.169.254`, `127.0.0.1` or `localhost`.',
  },
  INTERNAL: {
    happened: 'The webhook or the publisher failed. This is a bug. The sidecar answers `INTERNAL_ERROR`.',
    remedy: 'Its log has the cause. Report it.',
  },
  INTERNAL_ERROR: {
    happened: 'The sidecar failed. This is a bug. The webhook and the publisher answer `INTERNAL`.',
    remedy: 'Its log may have the cause. Report it.',
  },
  INVALID_REVIEW: {
    happened: 'A request to the webhook is not an admission request that it can read.',
    remedy: 'Only an API server should send requests to the webhook.',
  },
  INVALID_TOKEN: {
    happened: 'The session token of an IMDSv2 request has expired, or another sidecar issued it.',
    remedy: 'Nothing: SDKs request a new one.',
  },
  INVALID_TTL: {
    happened: 'A request for a session token has no valid `X-aws-ec2-metadata-token-ttl-seconds`.',
    remedy: 'Send a whole number of seconds from 1 to 21600.',
  },
  METHOD_NOT_ALLOWED: {
    happened: 'The path exists, but not for this HTTP method.',
    remedy: 'Use a method of the header `Allow` in the answer.',
  },
  NOT_FOUND: {
    happened: 'podrole does not serve this path. The sidecar forwards nothing to the real metadata service.',
    remedy: 'See [SDKs](sdks.md) and [Webhook](webhook.md) for what is served.',
  },
  OVERLOADED: {
    happened: 'The webhook had too many admission requests at once, and this one had to make room.',
    remedy:
      'Nothing if it happens once: the API server sends it again. Otherwise find out who sends so many.',
  },
  TOKEN_REQUIRED: {
    happened: 'A metadata request has no session token, and the sidecar runs with `--imdsv2 required`.',
    remedy: 'Use an SDK that knows IMDSv2, or `--imdsv2 optional`.',
  },
  UNAVAILABLE: {
    happened:
      'The webhook could not decide an admission request: most often it could not read the ServiceAccount.',
    remedy: 'The log of the webhook has the cause, with a code of its own.',
  },
  UNREADABLE_BODY: {
    happened:
      'The connection ended before the webhook received the whole body of a request. The sidecar answers `BODY_INCOMPLETE` to that.',
    remedy: 'Nothing if it happens once. If it recurs, look at the network between API server and webhook.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    happened: 'A request to the webhook is not JSON, or it is compressed.',
    remedy: 'Only an API server should send requests to the webhook.',
  },
} as const satisfies ErrorCatalogue;
