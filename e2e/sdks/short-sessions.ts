import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { drain, listen } from '../../lib/serve.ts';

/** An STS whose sessions end soon, as it says. */
export interface ShortSessions {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stands before an STS that gives sessions of 15 minutes at least, and says of each that it ends earlier than it does: nobody has to wait.
 * Token, role and keys are passed on as they are.
 */
export async function startShortSessions(sts: string, seconds: number): Promise<ShortSessions> {
  const server = createServer(async (request, response) => {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const answer = await fetch(sts, { method: 'POST', headers, body: await text(request) });
    const ends = new Date(Date.now() + seconds * 1_000).toISOString();
    const body = (await answer.text()).replace(/(?<=<Expiration>)[^<]*/, ends);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, stop: () => drain(server, 0) };
}
