import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Context } from 'koa';
import { collectLog } from '../../testing/processes/collected-log.ts';
import { HttpError } from './http-error.ts';
import { createKoaApp, type ErrorForm } from './koa-app.ts';
import { drain, listen } from './serve.ts';
import { createWebServer } from './web-server.ts';

const log = collectLog();

async function answerOf(handle: (context: Context) => void, form?: ErrorForm<object>) {
  const app = createKoaApp<object>({ logger: log.logger, undeliveredLevel: 'warn' }, form).use(handle);
  const server = createWebServer({ listener: app.callback(), maxBodyBytes: 0 });
  const port = await listen(server, 0, '127.0.0.1');
  after(() => drain(server, 0));
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return { status: response.status, body: await response.text() };
}

test('an error for the client is answered by its status and code', async () => {
  const answer = await answerOf(() => {
    throw new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type must be application/json');
  });
  const body = '{"code":"UNSUPPORTED_MEDIA_TYPE","message":"Content-Type must be application/json"}';
  assert.deepEqual(answer, { status: 415, body });
  assert.match(log.text(), /"level":"debug".*"code":"UNSUPPORTED_MEDIA_TYPE"/);
});

test('any other error is an internal one, whose details are in the log alone', async () => {
  const { status, body } = await answerOf(() => {
    throw Object.assign(new Error('the detail'), { status: 404, expose: true });
  });
  assert.equal(status, 500);
  assert.equal(JSON.parse(body).code, 'INTERNAL');
  assert.doesNotMatch(body, /the detail/);
  assert.match(log.text(), /"level":"error".*the detail/);
});

test('an app may write errors in the form of its protocol', async () => {
  const form: ErrorForm<object> = {
    internal: new HttpError(500, 'Failure', 'failed'),
    write: (context, { code }) => {
      context.body = `<Code>${code}</Code>`;
    },
    logRefused: () => {},
    logFailed: () => {},
  };
  const refused = await answerOf(() => {
    throw new HttpError(403, 'AccessDenied', 'no');
  }, form);
  assert.deepEqual(refused, { status: 403, body: '<Code>AccessDenied</Code>' });
});
