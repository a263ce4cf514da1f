// Happy eyeballs (RFC 8305) over a network that a test plays: each line says when what was begun, and what became of it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { SimulatedClock, systemClock } from '../../base/clock.ts';
import { bad, good } from '../../base/outcome.ts';
import { Dialler, type Net, systemNet } from './dial.ts';
import type { Endpoints } from './look-up.ts';

const servers = (...hosts: readonly (readonly string[])[]): readonly Endpoints[] =>
  hosts.map((addresses) => addresses.map((address) => ({ address, port: 5269, isDirectTls: false })));

/** `answers`: per address, after how many ms it connects (positive) or fails (negative); others never answer. */
const play = (answers: Readonly<Record<string, number>>) => {
  const clock = new SimulatedClock();
  const told: string[] = [];
  const net: Net = {
    connect({ address }, then) {
      told.push(`${clock.mono()} ${address}`);
      const afterMs = answers[address];
      const timer =
        afterMs === undefined
          ? undefined
          : clock.after(Math.abs(afterMs), () => then(afterMs > 0 ? good(new PassThrough()) : bad('ECONNREFUSED')));
      return {
        [Symbol.dispose]: () => {
          timer?.[Symbol.dispose]();
          told.push(`${clock.mono()} ${address} dropped`);
        },
      };
    },
  };
  return { clock, told, net };
};

const next = async (dialler: Dialler, clock: SimulatedClock): Promise<string> => {
  const pending = dialler.next();
  clock.advance(120_000);
  const got = await pending;
  return got.ok ? got.value.endpoint.address : `${got.fault.condition}: ${got.fault.text}`;
};

test('the second family is tried 250 ms later, and the first to connect wins', async () => {
  const { clock, told, net } = play({ '::1': 900, '192.0.2.1': 100 });
  const dialler = new Dialler(servers(['::1', '192.0.2.1']), { clock, net });
  assert.equal(await next(dialler, clock), '192.0.2.1');
  assert.deepEqual(told, ['0 ::1', '250 192.0.2.1', '350 ::1 dropped']);
  assert.ok(dialler.hasMore, 'what was dropped can still be tried');
});

test('a refusal brings the next at once; another server has to wait longer', async () => {
  const { clock, told, net } = play({ a: -10, b: -10, d: 10 });
  const dialler = new Dialler(servers(['a', 'b', 'c'], ['d']), { clock, net });
  assert.equal(await next(dialler, clock), 'd');
  assert.deepEqual(told, ['0 a', '10 a dropped', '10 b', '20 b dropped', '20 c', '4020 d', '4030 c dropped']);
});

test('every address is tried before it fails, and the fault says what they did', async () => {
  const { clock, net } = play({ a: -10 });
  const dialler = new Dialler(servers(['a'], ['b']), { clock, net });
  assert.equal(await next(dialler, clock), 'remote-server-timeout: a:5269: nobody listens there; b:5269: no answer');
  assert.ok(!dialler.hasMore);
  assert.equal(clock.armed, 0);
});

test('when nothing comes of the winner, the others are left, and one can be tried again', async () => {
  const { clock, net } = play({ a: 10, b: 10 });
  const dialler = new Dialler(servers(['a'], ['b']), { clock, net });
  assert.equal(await next(dialler, clock), 'a');
  dialler.again({ address: 'a', port: 5269, isDirectTls: false });
  assert.equal(await next(dialler, clock), 'a');
  assert.equal(await next(dialler, clock), 'b');
  assert.ok(!dialler.hasMore);
});

test('aborted, everything under way is dropped', async () => {
  const { clock, told, net } = play({});
  const abort = new AbortController();
  const pending = new Dialler(servers(['a', 'b']), { clock, net }).next(abort.signal);
  clock.advance(300);
  abort.abort();
  assert.equal((await pending).ok, false);
  assert.deepEqual(told.slice(2).sort(), ['300 a dropped', '300 b dropped']);
  assert.equal(clock.armed, 0);
});

test('over real sockets: one that listens, one that does not', async () => {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const dialler = new Dialler(
    [[{ address: '127.0.0.1', port: 1, isDirectTls: false }], [{ address: '127.0.0.1', port, isDirectTls: false }]],
    { clock: systemClock, net: systemNet },
  );
  const got = await dialler.next();
  assert.ok(got.ok && got.value.endpoint.port === port);
  got.value.socket.destroy();
  server.close();
});
