import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { SimulatedClock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { LinkConditions } from './line.ts';
import { Link } from './link.ts';
import { Traffic } from './traffic.ts';

const loopback = { host: '127.0.0.1', port: 0 };
const slow: LinkConditions = { rttMs: 600, rate: Number.POSITIVE_INFINITY, loss: 0 };

/** Lets the sockets do what they can do without time passing. */
const until = async (what: string, isSo: () => boolean): Promise<void> => {
  for (let i = 0; i < 5000; i++) {
    if (isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
    if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`waited in vain for ${what}`);
};

const party = (socket: Socket): { socket: Socket; heard: string; isEnded: boolean; isClosed: boolean } => {
  const one = { socket, heard: '', isEnded: false, isClosed: false };
  socket.on('data', (octets) => {
    one.heard += octets.toString();
  });
  socket.on('end', () => {
    one.isEnded = true;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    one.isClosed = true;
  });
  return one;
};

const closing: (() => unknown)[] = [];
after(() => Promise.all(closing.map((close) => close())));

const laid = async (conditions = slow) => {
  const clock = new SimulatedClock();
  const traffic = new Traffic();
  const accepted: ReturnType<typeof party>[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(party(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = { host: '127.0.0.1', port: (server.address() as { port: number }).port };
  const link = await Link.open({
    listen: loopback,
    target,
    clock,
    random: seededRandom(1),
    conditions: () => conditions,
    traffic,
  });
  const call = async (): Promise<ReturnType<typeof party>> => {
    const socket = dial({ host: '127.0.0.1', port: link.port, allowHalfOpen: true });
    const one = party(socket);
    await once(socket, 'connect');
    return one;
  };
  closing.push(
    () => link.close(),
    () => server.close(),
  );
  return { clock, traffic, accepted, link, call };
};

test('a connection opens in one round trip and answers in another', async () => {
  const { clock, traffic, accepted, link, call } = await laid();
  const near = await call();
  near.socket.write('hello');
  await until('the octets to be under way', () => traffic.outOctets === 5);
  clock.advance(299);
  assert.equal(accepted.length, 0, 'the first packet is still on its way');
  clock.advance(1);
  await until('the far end', () => accepted.length === 1);
  clock.advance(599);
  await until('nothing', () => true);
  assert.equal(accepted[0]?.heard, '');
  clock.advance(1);
  await until('hello at 900 ms', () => accepted[0]?.heard === 'hello');
  accepted[0]?.socket.write('welcome');
  await until('the answer to be under way', () => clock.armed > 0);
  clock.advance(299);
  assert.equal(near.heard, '');
  clock.advance(1);
  await until('welcome', () => near.heard === 'welcome');
  assert.deepEqual(traffic.snapshot(), { connections: 1, outOctets: 5, backOctets: 7, flights: 2 });
  assert.equal(traffic.lastAt, 1200);
  near.socket.end();
  await until('the end to be under way', () => clock.armed > 0);
  clock.advance(300);
  await until('the end', () => accepted[0]?.isEnded === true);
  accepted[0]?.socket.end();
  await until('the other end to be under way', () => clock.armed > 0);
  clock.advance(300);
  await until('both ends closed', () => near.isClosed && accepted[0]?.isClosed === true && link.openConnections === 0);
});

test('a cut link tells nobody anything, and what was sent arrives when it is mended', async () => {
  const { clock, traffic, accepted, link, call } = await laid();
  const near = await call();
  near.socket.write('one');
  await until('the octets to be under way', () => traffic.outOctets === 3);
  clock.advance(300);
  await until('the far end', () => accepted.length === 1);
  await link.become('cut');
  clock.advance(1_000_000);
  await until('nothing', () => true);
  assert.ok(accepted[0]?.heard === '' && !near.isEnded && !near.isClosed);
  await link.become('up');
  await until('one', () => accepted[0]?.heard === 'one');
});

test('a dead far end breaks its connections, refuses others, and may come back', async () => {
  const { clock, accepted, link, call } = await laid({ ...slow, rttMs: 0 });
  const near = await call();
  near.socket.write('one');
  await until('one', () => accepted[0]?.heard === 'one');
  const { port } = link;
  await link.become('dead');
  await until('both ends to break', () => near.isClosed && accepted[0]?.isClosed === true);
  const refused = dial({ host: '127.0.0.1', port });
  const [error] = await once(refused, 'error');
  assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  await link.become('up');
  assert.notEqual(link.port, 0);
  assert.equal(clock.armed, 0);
  assert.equal(link.openConnections, 0);
});
