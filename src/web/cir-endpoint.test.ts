import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { createPhoneDoor } from './app.ts';

test('200 when something waits, 204 when not, 404 for what is nobody’s; bodies are empty, and nobody may keep them', async () => {
  const asked: string[] = [];
  const web = createPhoneDoor({
    dataChannel: async () => ({ status: 500, body: new Uint8Array() }),
    cirAsked: (token) => {
      asked.push(token);
      return token === 'mila' ? 'poll' : token === 'anna' ? 'nothing' : 'unknown';
    },
    bodyBytesMax: 1000,
    trustedProxies: [],
    log: silentLog,
  });
  try {
    const get = (path: string, method: 'GET' | 'HEAD' | 'POST' = 'GET') => web.inject({ method, url: path });
    const yes = await get('/cir/mila');
    assert.deepEqual([yes.statusCode, yes.body, yes.headers['content-length']], [200, '', '0']);
    assert.match(String(yes.headers['cache-control']), /no-store/);
    const no = await get('/cir/anna');
    assert.deepEqual([no.statusCode, no.body, no.headers['content-length']], [204, '', undefined]);
    assert.equal((await get('/cir/nobody')).statusCode, 404);
    assert.deepEqual(asked, ['mila', 'anna', 'nobody']);
    // A proxy that only looks must not take the wake-up away.
    assert.equal((await get('/cir/mila', 'HEAD')).statusCode, 404);
    assert.equal((await get('/cir/')).statusCode, 404);
    assert.equal(asked.length, 3);
  } finally {
    await web.close();
  }
});
