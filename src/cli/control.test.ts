import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { ControlError, controlSocket, findRunning, operateRunning } from './control.ts';
import { claimControl } from './control-server.ts';
import type { Operations } from './operations.ts';

const root = mkdtempSync(join(tmpdir(), 'onesoup-control-'));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const newData = (): string => join(root, String(++made));

const operations: Operations = {
  addUser: async ({ address }) => ({ ok: true, value: { address } }),
  removeUser: async ({ address }) => ({ ok: false, fault: { text: `there is no account ${address}` } }),
  setPassword: async () => {
    throw new Error('broken');
  },
  setListed: async ({ address }) => ({ ok: true, value: { address } }),
  setNumber: async ({ address }) => ({ ok: true, value: { address } }),
  presence: async ({ address }) => ({ ok: true, value: { account: address, sessions: [], contacts: [] } }),
  federation: async () => ({ ok: true, value: { links: [], strangers: 0 } }),
  announce: async ({ id }) => ({ id }),
  withdraw: async () => ({ isGone: true }),
  phones: async () => ({ ok: true, value: [] }),
  kick: async () => ({ ok: true, value: { count: 0 } }),
  sendSettings: async () => ({ ok: true, value: undefined }),
};
const mila = { address: 'mila@home.test', password: 'secret', phone: true };

/** What is answered to a request that no command makes: its status. */
const status = (data: string, path: string, body: string, method = 'POST'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request({ socketPath: controlSocket(data), path, method }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
    asked.end(body);
  });

test('nobody is there, before and after', async () => {
  const data = newData();
  assert.equal(await findRunning(data), undefined);
  const control = await claimControl(data, 'home.test', silentLog);
  assert.deepEqual(await findRunning(data), { pid: process.pid, domain: 'home.test' });
  await control.close();
  assert.equal(await operateRunning(data, 'addUser', mila), undefined);
});

test('operations are done by the server, and their refusals come back', async (t) => {
  const data = newData();
  const control = await claimControl(data, 'home.test', silentLog);
  t.after(() => control.close());
  await assert.rejects(operateRunning(data, 'addUser', mila), /503/, 'it is starting still');
  control.serve(operations);
  assert.deepEqual(await operateRunning(data, 'addUser', mila), { ok: true, value: { address: mila.address } });
  assert.deepEqual(await operateRunning(data, 'removeUser', { address: 'x' }), {
    ok: false,
    fault: { text: 'there is no account x' },
  });
  await assert.rejects(
    operateRunning(data, 'setPassword', mila),
    (error) => error instanceof ControlError && /its log says why/.test(error.message),
  );
});

test('the socket is its owner’s, one server has it, and what does not fit is refused', async (t) => {
  const data = newData();
  const control = await claimControl(data, 'home.test', silentLog);
  t.after(() => control.close());
  control.serve(operations);
  chmodSync(data, 0o755);
  assert.equal(statSync(join(data, 'control.sock')).mode & 0o777, 0o600);
  await assert.rejects(claimControl(data, 'home.test', silentLog), /another onesoup runs over/);
  assert.equal(await status(data, '/addUser', '{"address":"x"}'), 400);
  assert.equal(await status(data, '/addUser', 'not JSON'), 400);
  assert.equal(await status(data, '/addUser', JSON.stringify({ ...mila, password: 'x'.repeat(70_000) })), 400);
  assert.equal(await status(data, '/constructor', '{}'), 404);
  assert.equal(await status(data, '/addUser', '', 'GET'), 404);
});
