import { NO_KEY, UNREAD } from '../aws/sts-texts.ts';
import type { Explanation } from '../explanation.ts';

/** Faults that a fetch of either document of an issuer may have. */
export type FetchFault =
  | 'UNREACHABLE'
  | 'NOT_PUBLIC'
  | 'MISSING'
  | 'REDIRECTS'
  | 'STATUS'
  | 'SLOW'
  | 'NOT_JSON'
  | 'TOO_LARGE'
  | 'CONTENT_TYPE';

/**
 * Explains the faults of fetching one document.
 * @param name first part of the codes
 * @param document words for it: `discovery document`
 */
export function fetchExplanations<Name extends 'DISCOVERY' | 'KEYS'>(
  name: Name,
  link: Explanation['link'],
  document: string,
): Readonly<Record<`${Name}_${FetchFault}`, Explanation>> {
  const entries = Object.entries(explain(document)).map(([fault, explanation]) => [
    `${name}_${fault}`,
    { link, ...explanation },
  ]);
  // Object.fromEntries forgets the keys.
  return Object.fromEntries(entries) as Record<`${Name}_${FetchFault}`, Explanation>;
}

function explain(document: string): Readonly<Record<FetchFault, Omit<Explanation, 'link'>>> {
  return {
    UNREACHABLE: {
      title: `The ${document} cannot be reached`,
      errors: [...UNREAD, 'IDPCommunicationError'],
      happened: `The host of the ${document} is unknown in DNS, refuses connections, does not answer in time or does not speak https. STS fetches the ${document} from the internet, without credentials.`,
      remedy:
        'Check DNS, web server and firewall of the host. It must answer https to everybody on the port of the URL.',
    },
    NOT_PUBLIC: {
      title: `The ${document} needs a login`,
      errors: UNREAD,
      happened: `The web server or the bucket answers 401 or 403 without credentials. STS has none for the ${document}. New buckets of S3 block public access by default, and an API server lets nobody read it without a login.`,
      remedy:
        'Let everybody read both documents: by a bucket policy, by a CDN in front of the bucket, or by the rules of the web server. [publish-to-a-bucket.md](publish-to-a-bucket.md) has the policy.',
    },
    MISSING: {
      title: `The ${document} is not published`,
      errors: UNREAD,
      happened: `The web server has nothing at the URL of the ${document}. Nobody has published it, or its path differs from that of the issuer.`,
      remedy:
        'Publish both documents with `podrole publish`: it appends the path of the issuer to the root of the site.',
    },
    REDIRECTS: {
      title: `The ${document} is redirected`,
      errors: UNREAD,
      happened: `The URL answers with a redirect, for example to a login, to another host or to a path with a slash. The ${document} must be answered with 200, and STS follows no redirect.`,
      remedy:
        'Serve the document itself at its URL. Look for rules that add a slash or `www`, or that ask for a login.',
    },
    STATUS: {
      title: `The web server fails to serve the ${document}`,
      errors: [...UNREAD, 'IDPCommunicationError'],
      happened: `The web server answers for the ${document} with another error, such as 500, 502 or 429.`,
      remedy:
        'Look at the logs of the web server. If it fails only sometimes, serve the document from a place that is always up, such as a bucket.',
    },
    SLOW: {
      title: `The ${document} is slow`,
      errors: [...UNREAD, 'IDPCommunicationError'],
      happened: `STS gives up after five seconds. The ${document} took longer, or more than half of that.`,
      remedy: 'Serve it from a place that answers at once, such as a bucket or a CDN.',
    },
    NOT_JSON: {
      title: `The ${document} is not JSON`,
      errors: UNREAD,
      happened: `Something else is served at the URL of the ${document}: a web page, a login page, or a compressed file that was stored with Content-Encoding.`,
      remedy: 'Serve the document as `podrole publish` writes it, as application/json and uncompressed.',
    },
    TOO_LARGE: {
      title: `The ${document} is too large`,
      errors: UNREAD,
      happened: `More than 1 MiB is served at the URL of the ${document}. The largest key set that IAM reads is far smaller.`,
      remedy: 'Serve only the document that `podrole publish` writes.',
    },
    CONTENT_TYPE: {
      title: `The ${document} has the wrong content type`,
      errors: [NO_KEY],
      happened: `The ${document} is not served as application/json. STS may read it all the same.`,
      remedy: 'Serve it as `application/json`; `podrole publish` sets that in a bucket.',
    },
  };
}
