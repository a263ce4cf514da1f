// A thousand TCP connections at once, over real sockets; phones that are slow, half there, or come again.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { defaultSettings } from '../settings.ts';
import { sweepEveryMs } from './sweep.ts';
import { CirTcp } from './tcp.ts';
import { aMoment, Wire } from './testing/ends.ts';

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

const make = async (cir: Partial<typeof defaultSettings.cir> = {}) => {
  const clock = new SimulatedClock();
  const sessions = new Map<string, Session>();
  const opened: Session[] = [];
  const lost: Session[] = [];
  let overloaded = 0;
  const host = {
    clock,
    log: silentLog,
    settings: { ...defaultSettings, cir: { ...defaultSettings.cir, strangersPerAddressMax: 2000, ...cir } },
    events: { overloaded: () => overloaded++ },
  };
  const tcp = new CirTcp({
    host: host as unknown as Host,
    recognise: (id) => sessions.get(id),
    opened: (session) => opened.push(session),
    lost: (session) => lost.push(session),
  });
  const port = await tcp.listen({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => tcp.close());
  const session = (id: string): Session => {
    const made = { state: { version: '1.2', cookie: `cookie-${id}` } } as Session;
    sessions.set(id, made);
    return made;
  };
  const wire = (): Wire => {
    const made = new Wire(port);
    cleanups.push(() => made.close());
    return made;
  };
  const greeted = async (id: string): Promise<Wire> => {
    const made = wire();
    made.say(`HELO ${id}\r\n`);
    assert.equal(await made.read(), 'OK\r\n');
    return made;
  };
  const wake = (one: Session): string => {
    let end = 'nothing';
    tcp.wake(
      one,
      () => (end = 'sent'),
      (why) => (end = why),
    );
    return end;
  };
  return { tcp, clock, session, wire, greeted, wake, opened, lost, overloaded: () => overloaded };
};

test('a thousand connections stand on one timer, each is woken, and those that fell silent go', async () => {
  const { tcp, clock, session, greeted, wake, lost } = await make();
  const phones = await Promise.all(
    Array.from({ length: 1000 }, async (_, n) => ({ session: session(`s${n}`), wire: await greeted(`s${n}`) })),
  );
  assert.equal(tcp.size, 1000);
  assert.equal(clock.armed, 1);
  clock.advance(1000);
  for (const phone of phones) assert.equal(wake(phone.session), 'sent');
  for (const [n, { wire }] of phones.entries()) assert.equal(await wire.read(), `WVCI 1.2 cookie-s${n}\r\n`);
  assert.equal(clock.armed, 1);
  // Ten of them say PING, the others nothing more.
  clock.advance(1_000_000);
  for (const { wire } of phones.slice(0, 10)) {
    wire.say('PING\r\n');
    assert.equal(await wire.read(), 'OK\r\n');
  }
  clock.advance(800_000 + sweepEveryMs);
  for (const { wire } of phones.slice(10)) assert.equal(await wire.read(), '');
  assert.equal(tcp.size, 10);
  assert.equal(lost.length, 990);
  clock.advance(1_100_000);
  await aMoment();
  assert.equal(tcp.size, 0);
  assert.equal(clock.armed, 0, 'nothing is left behind');
});

test('strangers have their time, whatever they dribble', async () => {
  const { tcp, clock, wire } = await make();
  const slow = wire();
  for (const piece of ['H', 'E', 'L', 'O', ' ']) {
    slow.say(piece);
    await aMoment();
    clock.advance(5000);
  }
  assert.equal(tcp.size, 1);
  clock.advance(5000 + sweepEveryMs);
  assert.equal(await slow.read(), '');
});

test('OK and WVCI are a second apart, in segments of their own, also when PING comes between', async () => {
  const { clock, session, greeted, wake } = await make();
  const anna = session('anna');
  const wire = await greeted('anna');
  assert.equal(wake(anna), 'nothing');
  clock.advance(900);
  wire.say('PING \r\n');
  assert.equal(await wire.read(), 'OK\r\n');
  clock.advance(900);
  await aMoment();
  assert.equal(wire.isQuiet, true);
  clock.advance(100);
  assert.equal(await wire.read(), 'WVCI 1.2 cookie-anna\r\n');
  wire.say('PING\nPING\n');
  assert.equal(await wire.read(), 'OK\r\nOK\r\n');
});

test('a phone that floods is let go, a phone that goes leaves nothing', async () => {
  const { tcp, session, greeted, lost } = await make();
  const anna = session('anna');
  const flood = await greeted('anna');
  flood.say('PING\n'.repeat(1000));
  for (let read = await flood.read(); read !== ''; read = await flood.read()) assert.match(read, /^(OK\r\n)+$/);
  const wire = await greeted('anna');
  assert.equal(tcp.canReach(anna), true);
  wire.close();
  for (let turn = 0; turn < 100 && tcp.size > 0; turn++) await aMoment();
  assert.equal(tcp.canReach(anna), false);
  assert.deepEqual(lost, [anna, anna]);
});

test('one connection may change its session; the newer connection of a session has it', async () => {
  const { tcp, session, greeted, clock, wake, lost } = await make();
  const [anna, mila] = [session('anna'), session('mila')];
  const wire = await greeted('anna');
  wire.say('HELO mila\r\n');
  assert.equal(await wire.read(), 'OK\r\n');
  assert.deepEqual([tcp.canReach(anna), tcp.canReach(mila)], [false, true]);
  const newer = await greeted('mila');
  assert.equal(await wire.read(), '');
  assert.deepEqual(lost, [], 'it has another');
  clock.advance(1000);
  assert.equal(wake(mila), 'sent');
  assert.equal(await newer.read(), 'WVCI 1.2 cookie-mila\r\n');
});

test('no more connections than there may be', async () => {
  const { tcp, wire, session, greeted, overloaded } = await make({ connectionsMax: 2 });
  session('anna');
  session('mila');
  await greeted('anna');
  await greeted('mila');
  assert.equal(await wire().read(), '');
  assert.equal(tcp.size, 2);
  assert.equal(overloaded(), 1);
});
