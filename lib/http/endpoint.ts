import type { IncomingHttpHeaders } from 'node:http';

/** Parts of a request that endpoints look at. No endpoint takes a body. */
export interface EndpointRequest {
  readonly method: string;
  /** Path with query, as it was sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Complete answer to a request. */
export interface EndpointAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers a request; never throws. */
export type Endpoint = (request: EndpointRequest) => Promise<EndpointAnswer>;
