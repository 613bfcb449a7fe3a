import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStsPeer } from '../../testing/aws/sts-peer.ts';
import { postForm } from './post-form.ts';

const peer = await useStsPeer();

test('neither headers nor a body may take longer than the limit', async () => {
  const options = {
    caFile: undefined,
    proxy: undefined,
    timeoutMs: 30,
    maxBytes: 1_000,
    signal: new AbortController().signal,
  };
  peer.answerWith = () => {};
  await assert.rejects(postForm(new URL(peer.url), new URLSearchParams(), options), /no answer within 30 ms/);
  peer.answerWith = (_request, response) => void response.writeHead(200).write('<');
  await assert.rejects(postForm(new URL(peer.url), new URLSearchParams(), options), /no answer within 30 ms/);
});
