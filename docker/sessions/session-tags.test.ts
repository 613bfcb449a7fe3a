import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostContainer } from '../containers/host-container.ts';
import { sessionTagsOf } from './session-tags.ts';

const CONTAINER: HostContainer = {
  id: '0123456789abcdef'.repeat(4),
  name: 'shop-web-1',
  image: 'registry.example.com:5000/shop/web:1.2@sha256:0123',
  labels: new Map([
    ['com.docker.compose.project', 'shop'],
    ['com.docker.compose.service', 'web'],
  ]),
  environment: new Map(),
  isRunning: true,
  pid: 1,
  networkMode: 'bridge',
  networkNamespace: '',
  endpoints: [],
};

test('a container of Compose has five tags', () => {
  assert.deepEqual(sessionTagsOf(CONTAINER), {
    'podrole-container-name': 'shop-web-1',
    'podrole-container-id': '0123456789ab',
    'podrole-image': 'registry.example.com:5000/shop/web:1.2@sha256:0123',
    'podrole-compose-project': 'shop',
    'podrole-compose-service': 'web',
  });
});

test('labels of Compose that an image brings do not become tags', () => {
  for (const name of ['shop-web', 'quirky_euler', 'other-shop-web-1']) {
    assert.deepEqual(Object.keys(sessionTagsOf({ ...CONTAINER, name })), [
      'podrole-container-name',
      'podrole-container-id',
      'podrole-image',
    ]);
  }
});

test('a value that IAM does not take is left out, and never changed', () => {
  const labels = new Map([
    ['com.docker.compose.project', 'a;b'],
    ['com.docker.compose.service', ''],
  ]);
  const image = `x/${'a'.repeat(255)}`;
  assert.deepEqual(Object.keys(sessionTagsOf({ ...CONTAINER, image, labels })), [
    'podrole-container-name',
    'podrole-container-id',
  ]);
});
