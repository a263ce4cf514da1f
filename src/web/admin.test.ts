import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../base/log.ts';
import { bad, good } from '../base/outcome.ts';
import { serveAdmin } from './admin.ts';

const token = 'a secret of more than 20'.replaceAll(' ', '-');

const setUp = (): { readonly web: FastifyInstance; readonly asked: string[]; readonly logged: unknown[] } => {
  const logged: unknown[] = [];
  const note = (...said: unknown[]): void => void logged.push(said);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const asked: string[] = [];
  const web = Fastify({ trustProxy: ['127.0.0.1'] }) as unknown as FastifyInstance;
  const presence = async (address: string) => {
    asked.push(address);
    return address === 'mila@home.test' ? good({ account: address }) : bad({ text: `there is no account ${address}` });
  };
  serveAdmin(web, { token, presence }, log);
  return { web, asked, logged };
};

const url = '/admin/api/presence/mila%40home.test';
const authorization = `Bearer ${token}`;

test('whoever shows the secret is answered, and nobody keeps the answer', async () => {
  const { web, logged } = setUp();
  const answer = await web.inject({ url, headers: { authorization } });
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.json(), { account: 'mila@home.test' });
  assert.equal(answer.headers['cache-control'], 'no-store');
  const none = await web.inject({ url: '/admin/api/presence/nobody', headers: { authorization: `bearer  ${token}` } });
  assert.equal(none.statusCode, 404);
  assert.deepEqual(none.json(), { error: 'there is no account nobody' });
  assert.deepEqual(logged, []);
});

test('whoever does not show it gets nothing, and what was shown is in no log', async () => {
  const { web, asked, logged } = setUp();
  for (const given of [undefined, 'Bearer', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`, token]) {
    const answer = await web.inject({ url, headers: given === undefined ? {} : { authorization: given } });
    assert.equal(answer.statusCode, 401, given);
    assert.equal(answer.headers['www-authenticate'], 'Bearer');
    assert.doesNotMatch(answer.body, /mila/);
  }
  assert.deepEqual(asked, []);
  assert.equal(logged.length, 6);
  assert.doesNotMatch(JSON.stringify(logged), /secret-of|wrong/);
});

test('over a network the secret is not taken without TLS', async () => {
  const { web, asked } = setUp();
  const over = (headers: Record<string, string>) => web.inject({ url, headers: { authorization, ...headers } });
  assert.equal((await over({ 'x-forwarded-for': '192.0.2.7' })).statusCode, 403);
  assert.deepEqual(asked, []);
  assert.equal((await over({ 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' })).statusCode, 200);
  assert.equal((await web.inject({ url, headers: { authorization }, remoteAddress: '192.0.2.7' })).statusCode, 403);
  assert.equal((await web.inject({ url, headers: { authorization }, remoteAddress: '::1' })).statusCode, 200);
});
