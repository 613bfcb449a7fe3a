import type { IncomingHttpHeaders } from 'node:http';

/** A request as far as the endpoints look at it. Its body is never looked at: no endpoint takes one. */
export interface EndpointRequest {
  readonly method: string;
  /** Path with query, as it was sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** What is answered, whole. */
export interface EndpointAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request; never throws. */
export type Endpoint = (request: EndpointRequest) => Promise<EndpointAnswer>;
