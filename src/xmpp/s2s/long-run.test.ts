// What happens on a stream between servers in the long run: silence, more domains, TLS sessions, stanzas in plenty.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { until } from '../stream/testing.ts';
import {
  bodies,
  connect,
  contextOf,
  impostor,
  inPair,
  type Link,
  lenient,
  message,
  montagueKeys,
  outPair,
  strict,
  toJuliet,
  toRomeo,
} from './testing.ts';
import { Wire } from './wire.ts';

const up = (link: Link): Promise<void> =>
  until('authenticated on both sides', () => link.out.state === 'established' && link.in.state === 'established');
const managed = (link: Link): Promise<void> => until('managed', () => link.out.isManaged && link.in.isManaged);

describe('a peer that says nothing', () => {
  const limits = { idleMs: 120_000, answerMs: 30_000, closeMs: 1_000 };
  const quiet = async (usesManagement: boolean) => {
    const clock = new SimulatedClock();
    const wire = new Wire({ delayMs: 1, clock });
    const link = connect({ clock, limits, usesManagement }, { clock, limits }, wire);
    await (usesManagement ? managed(link) : up(link));
    await settled();
    return { clock, wire, link };
  };
  const settled = async (): Promise<void> => {
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  test('is asked, and stays when it answers', async () => {
    const { clock, wire, link } = await quiet(true);
    const { octets } = wire;
    for (let i = 0; i < 50; i++) {
      clock.advance(limits.answerMs);
      await settled();
    }
    assert.ok(wire.octets > octets);
    assert.ok(clock.mono() - link.out.lastHeardAt < limits.idleMs);
    assert.deepEqual([link.out.state, link.in.state], ['established', 'established']);
    await link.out.close();
  });

  test('is given up when it does not: in bounded time, and the stream can be resumed', async () => {
    const { clock, wire, link } = await quiet(true);
    wire.isStalled = true;
    link.out.send(toRomeo('into the void'), 1);
    clock.advance(limits.idleMs);
    clock.advance(limits.answerMs);
    await settled();
    assert.equal(link.atOut.end?.reason, 'lost');
    assert.equal(link.atOut.end?.resumption?.unacked.length, 1);
    assert.equal(link.in.state, 'detached');
    await link.in.close();
  });

  test('without XEP-0198 has nothing to answer: white space is all it gets', async () => {
    const { clock, wire, link } = await quiet(false);
    for (let i = 0; i < 5; i++) {
      const { octets } = wire;
      clock.advance(limits.idleMs);
      await settled();
      assert.ok(wire.octets > octets);
    }
    assert.deepEqual([link.out.state, link.in.state], ['established', 'established']);
    wire.cut();
    await until('ended', () => link.atOut.end !== undefined && link.atIn.end !== undefined);
    assert.equal(link.atOut.end?.reason, 'lost');
  });

  test('and is told so with white space in between, where that is wished', async () => {
    const clock = new SimulatedClock();
    const wire = new Wire({ delayMs: 1, clock });
    const link = connect({ clock, limits: { keepaliveMs: 30_000 } }, { clock }, wire);
    await managed(link);
    await settled();
    const { octets } = wire;
    clock.advance(30_000);
    await settled();
    assert.ok(wire.octets > octets);
    await link.out.close();
  });
});

describe('more domains on a stream', () => {
  const rooms = { local: 'capulet.example', remote: 'rooms.montague.example' };

  test('XEP-0344: asked for by the side that connected, with its certificate', async () => {
    const asked: unknown[] = [];
    const link = connect(
      {},
      {
        verifyKey: async (request) => {
          asked.push(request);
          return { verdict: 'invalid' };
        },
      },
    );
    await up(link);
    assert.equal(link.out.takesMorePairs, true);
    assert.equal(link.out.send(message('juliet@capulet.example', 'hall@rooms.montague.example', 'hi')), false);
    link.out.authenticate(rooms);
    await until('authenticated', () => link.out.carries(rooms));
    assert.equal(link.out.send(message('juliet@capulet.example', 'hall@rooms.montague.example', 'hi')), true);
    await until('arrived', () => link.atIn.received.length === 1);
    assert.deepEqual(link.atIn.happened.at(-1), 'rooms.montague.example capulet.example certificate');
    assert.deepEqual(asked, []);
    await link.out.close();
  });

  test('XEP-0288: asked for by the side that was connected to, with its key', async () => {
    const link = connect({
      usesBidi: true,
      bidi: {
        isOurs: (domain) => domain === 'capulet.example',
        policyFor: () => lenient,
        isOurKey: () => false,
        verifyKey: async ({ pair, streamId, key }) => ({
          verdict: montagueKeys.isOurs({ pair: { local: pair.remote, remote: pair.local }, streamId, key })
            ? 'valid'
            : 'invalid',
        }),
      },
    });
    await up(link);
    assert.equal(link.in.takesMorePairs, true);
    const back = { local: rooms.remote, remote: rooms.local };
    link.in.authenticate(back);
    await until('authenticated', () => link.in.carries(back) && link.out.carries(rooms));
    link.in.send(message('hall@rooms.montague.example', 'juliet@capulet.example', 'hi'));
    await until('arrived', () => link.atOut.received.length === 1);
    assert.equal(link.atOut.happened.at(-1), 'capulet.example rooms.montague.example dialback');
    await link.out.close();
  });

  test('are not to be had on a stream in one direction, from the wrong side', async () => {
    const link = connect();
    await up(link);
    link.in.authenticate(inPair);
    await until('refused', () => link.atIn.happened.some((one) => one.includes('refused')));
    assert.equal(link.in.carries(inPair), false);
    await link.out.close();
  });
});

describe('TLS', () => {
  test('sessions are gone on with: fewer octets, and both sides still know each other', async () => {
    const options = [{ policy: strict }, { policyFor: () => strict }] as const;
    const first = connect(...options);
    await up(first);
    await until('a ticket', () => first.atOut.hints?.tlsSession !== undefined);
    await first.out.close();
    const { tlsSession } = first.atOut.hints ?? {};
    const next = connect({ ...options[0], hints: tlsSession === undefined ? {} : { tlsSession } }, options[1]);
    await up(next);
    await until('all has been said', () => next.atOut.hints?.tlsSession !== undefined);
    assert.deepEqual(next.atIn.happened, ['montague.example capulet.example external']);
    assert.deepEqual(next.atOut.happened, ['capulet.example montague.example external']);
    await next.out.close();
    assert.ok(next.wire.octets < first.wire.octets - 500, `${next.wire.octets}, ${first.wire.octets}`);
  });

  test('a session does not make a certificate good that was not', async () => {
    const secureContext = contextOf(impostor);
    const first = connect({ secureContext });
    await up(first);
    await until('a ticket', () => first.atOut.hints?.tlsSession !== undefined);
    await first.out.close();
    const { tlsSession } = first.atOut.hints ?? {};
    const next = connect({ secureContext, hints: tlsSession === undefined ? {} : { tlsSession } });
    await up(next);
    assert.deepEqual(next.atIn.happened, ['montague.example capulet.example dialback']);
    await next.out.close();
  });
});

describe('stanzas in plenty', () => {
  test('order is kept, all are acknowledged, few questions are asked', async () => {
    const link = connect({ usesBidi: true });
    await managed(link);
    const all = Array.from({ length: 2_000 }, (_, i) => `${i}`);
    for (const [tag, text] of all.entries()) {
      link.out.send(toRomeo(text), tag);
      link.in.send(toJuliet(text), tag);
    }
    await until('acked', () => link.atOut.acks.length === 2_000 && link.atIn.acks.length === 2_000);
    assert.deepEqual(bodies(link.atIn.received), all);
    assert.deepEqual(bodies(link.atOut.received), all);
    assert.equal(link.out.unackedCount + link.in.unackedCount, 0);
    await link.out.close();
  });

  test('large ones pass once the other side is known, by dialback as well; enormous ones never', async () => {
    for (const secureContext of [contextOf(impostor), undefined]) {
      const link = connect({ usesBidi: true, secureContext });
      await managed(link);
      link.out.send(toRomeo('x'.repeat(100_000)), 1);
      link.in.send(toJuliet('y'.repeat(100_000)), 2);
      await until('acked', () => link.atOut.acks.length === 1 && link.atIn.acks.length === 1);
      link.out.send(toRomeo('x'.repeat(600_000)), 3);
      await until('ended', () => link.atOut.end !== undefined);
      assert.equal(link.atOut.end?.error?.condition, 'policy-violation');
      assert.deepEqual(
        link.atOut.end?.unacked.map(({ tag }) => tag),
        [3],
      );
    }
  });

  test('while so many are being handled, nothing more is read', async () => {
    const link = connect({}, { limits: { handlingMax: 3 } });
    await managed(link);
    const waiting: (() => void)[] = [];
    link.atIn.handle = () => new Promise((resolve) => waiting.push(resolve));
    for (let i = 0; i < 10; i++) link.out.send(toRomeo(`${i}`), i);
    await until('three are there', () => waiting.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(link.atIn.received.length, 3);
    while (link.atIn.received.length < 10) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const finish of waiting) finish();
    await until('acked', () => link.atOut.acks.length === 10);
    await link.out.close();
  });

  test('a queue that passes its limit ends the stream, and all of it comes back', async () => {
    const link = connect({ limits: { unackedMax: 10 } });
    await managed(link);
    link.wire.isStalled = true;
    for (let i = 0; i < 11; i++) assert.equal(link.out.send(toRomeo(`${i}`), i), true);
    assert.equal(link.out.carries(outPair), false);
    assert.equal(link.out.send(toRomeo('one too many'), 11), false);
    link.wire.cut();
    await until('ended', () => link.atOut.end !== undefined);
    assert.equal(link.atOut.end?.reason, 'overrun');
    assert.equal(link.atOut.end?.unacked.length, 11);
  });
});
