// Both halves of a stream against each other.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { until } from '../stream/testing.ts';
import { s2sResumables } from './resumption.ts';
import type { PeerPolicy } from './s2s.ts';
import {
  bodies,
  certificateFor,
  connect,
  contextOf,
  impostor,
  inPair,
  lenient,
  outPair,
  strict,
  toJuliet,
  toRomeo,
} from './testing.ts';
import { Wire } from './wire.ts';

const isUp = (link: ReturnType<typeof connect>): boolean => link.out.state !== 'negotiating';

describe('authentication', () => {
  test('STARTTLS, then EXTERNAL; stanzas go and are acknowledged', async () => {
    const link = connect({ policy: strict }, { policyFor: () => strict });
    await until('authenticated', () => isUp(link));
    assert.deepEqual(link.atOut.happened, ['capulet.example montague.example external']);
    assert.equal(link.out.isSecure, true);
    assert.equal(link.out.carries(outPair), true);
    assert.equal(link.out.send(toRomeo('hi'), 1), true);
    await until('acked', () => link.atOut.acks.length === 1);
    assert.deepEqual(bodies(link.atIn.received), ['hi']);
    assert.deepEqual(link.atIn.happened, ['montague.example capulet.example external']);
    assert.equal(link.in.send(toJuliet('no'), 1), false);
    await link.out.close();
    assert.equal(link.atOut.end?.reason, 'closed-by-us');
    await until('ended', () => link.atIn.end !== undefined);
    assert.equal(link.atIn.end?.reason, 'closed-by-peer');
  });

  test('direct TLS, both ways', async () => {
    const link = connect({ isDirectTls: true, usesBidi: true }, { isDirectTls: true });
    await until('authenticated', () => isUp(link));
    link.out.send(toRomeo('hi'), 1);
    await until('arrived', () => link.atIn.received.length === 1);
    assert.equal(link.in.send(toJuliet('ho'), 7), true);
    await until('acked', () => link.atIn.acks.length === 1 && link.atOut.acks.length === 1);
    assert.deepEqual(bodies(link.atOut.received), ['ho']);
    await link.in.close();
    await until('ended', () => link.atOut.end !== undefined);
    assert.equal(link.atOut.end?.reason, 'closed-by-peer');
  });

  test('a certificate that nobody vouches for: dialback inside TLS', async () => {
    const link = connect({ secureContext: contextOf(impostor), usesBidi: true });
    await until('authenticated', () => isUp(link));
    assert.deepEqual(link.atIn.happened, ['montague.example capulet.example dialback']);
    link.out.send(toRomeo('hi'), 1);
    await until('acked', () => link.atOut.acks.length === 1);
    link.in.send(toJuliet('ho'), 2);
    await until('acked', () => link.atIn.acks.length === 1);
    link.wire.cut();
    await until('ended', () => link.atOut.end !== undefined);
    assert.equal(link.atOut.end?.reason, 'lost');
    assert.notEqual(link.atOut.end?.resumption, undefined);
    assert.equal(link.in.state, 'detached');
    await link.in.close();
  });
});

describe('stanzas ahead of the answer', () => {
  const hints = { starttls: true, external: true, bidi: true, sm: true, pipelining: true };

  test('are counted, acknowledged, and there once', async () => {
    const link = connect({ hints });
    assert.equal(link.out.carries(outPair), true);
    for (let tag = 0; tag < 5; tag++) link.out.send(toRomeo(`${tag}`), tag);
    await until('acked', () => link.atOut.acks.length === 5);
    assert.equal(link.out.isManaged, true);
    assert.deepEqual(bodies(link.atIn.received), ['0', '1', '2', '3', '4']);
    link.out.send(toRomeo('5'), 5);
    await until('acked', () => link.atOut.acks.length === 6);
    assert.equal(link.out.unackedCount, 0);
    await link.out.close();
  });

  test('come back, and better hints with them, when the other side does not take the certificate any more', async () => {
    const link = connect({ hints, secureContext: contextOf(impostor) });
    link.out.send(toRomeo('hi'), 1);
    await until('ended', () => link.atOut.end !== undefined && link.atIn.end !== undefined);
    assert.deepEqual([link.atOut.acks, link.atIn.received], [[], []]);
    const { end, hints: better } = link.atOut;
    assert.equal(end?.reason, 'failed');
    assert.equal(end?.fault?.isStaleHint, true);
    assert.deepEqual(
      end?.unacked.map(({ tag }) => tag),
      [1],
    );
    const again = connect({ ...(better && { hints: better }), secureContext: contextOf(impostor) });
    assert.equal(again.out.carries(outPair), false);
    await until('authenticated', () => isUp(again));
    assert.equal(again.out.send(toRomeo('hi'), 1), true);
    await until('arrived', () => again.atIn.received.length === 1);
    await again.out.close();
  });

  test('wait, and go, when the other side has lost its certificate but dialback is allowed', async () => {
    const link = connect({ hints }, { secureContextFor: () => contextOf(impostor) });
    link.out.send(toRomeo('hi'), 1);
    await until('acked', () => link.atOut.acks.length === 1);
    assert.deepEqual(link.atOut.happened, ['capulet.example montague.example dialback']);
    assert.deepEqual(bodies(link.atIn.received), ['hi']);
    await link.out.close();
  });
});

describe('resumption', () => {
  const lose = async (resumables = s2sResumables()) => {
    const first = connect({ usesBidi: true }, { resumables });
    await until('managed', () => first.out.isManaged && first.in.isManaged);
    // Written, and lost on the way.
    first.out.send(toRomeo('1'), 1);
    first.in.send(toJuliet('2'), 2);
    first.wire.cut();
    await until('ended', () => first.atOut.end !== undefined && first.in.state === 'detached');
    assert.equal(first.atOut.end?.reason, 'lost');
    assert.deepEqual(
      [first.atOut.end?.unacked, first.out.carries(outPair), first.in.carries(inPair)],
      [[], false, false],
    );
    const { resumption } = first.atOut.end ?? {};
    assert.deepEqual(bodies(resumption?.unacked.map(({ stanza }) => stanza) ?? []), ['1']);
    return { first, resumables, resume: resumption };
  };

  test('goes on with what was not acknowledged, both ways', async () => {
    const { first, resumables, resume } = await lose();
    const next = connect({ usesBidi: true, resume }, { resumables });
    await until('authenticated', () => isUp(next));
    assert.equal(next.out.isResumed, true);
    await until('acked', () => next.atOut.acks.length === 1 && first.atIn.acks.length === 1);
    assert.deepEqual([bodies(first.atIn.received), bodies(next.atOut.received)], [['1'], ['2']]);
    assert.deepEqual(first.atIn.happened.slice(1), ['detached', 'resumed']);
    assert.deepEqual(next.atIn.end, { reason: 'resumed', unacked: [] });
    assert.equal(next.out.send(toRomeo('3'), 3), true);
    assert.equal(first.in.send(toJuliet('4'), 4), true);
    await until('acked', () => next.atOut.acks.length === 2 && first.atIn.acks.length === 2);
    await next.out.close();
    await until('ended', () => first.atIn.end !== undefined);
    assert.equal(first.atIn.end?.reason, 'closed-by-peer');
    assert.equal(resumables.size, 0);
  });

  test('in one flight with everything else, where hints allow', async () => {
    const { resumables, resume, first } = await lose();
    const wire = new Wire({ delayMs: 300 });
    const next = connect(
      { usesBidi: true, resume, hints: { ...first.atOut.hints, pipelining: true } },
      { resumables },
      wire,
    );
    let upMs = 0;
    next.atOut.authenticated = () => {
      upMs = wire.elapsedMs;
    };
    await until('authenticated', () => isUp(next));
    assert.deepEqual([next.out.isResumed, upMs], [true, 1800]);
    await next.out.close();
  });

  test('is refused when the stream is forgotten: the owner has to send anew', async () => {
    const { first, resume } = await lose();
    const next = connect({ usesBidi: true, resume });
    await until('authenticated', () => isUp(next));
    assert.deepEqual([next.out.isResumed, next.atOut.acks, next.out.unackedCount], [false, [], 0]);
    await until('managed', () => next.out.isManaged);
    await first.in.close();
    assert.deepEqual(bodies(first.atIn.end?.unacked.map(({ stanza }) => stanza) ?? []), ['2']);
    await next.out.close();
  });

  test('is refused to another domain, whoever got hold of the id', async () => {
    const { first, resumables, resume } = await lose();
    const next = connect(
      {
        pair: { local: 'tybalt.example', remote: 'montague.example' },
        secureContext: contextOf(await certificateFor('tybalt.example')),
        resume,
      },
      { resumables },
    );
    await until('authenticated', () => isUp(next));
    assert.equal(next.out.isResumed, false);
    assert.equal(first.in.state, 'detached');
    await Promise.all([first.in.close(), next.out.close()]);
  });

  test('is refused where a domain that went over the stream as well is asked for more than the one that comes back shows', async () => {
    const resumables = s2sResumables();
    const policyFor = (remote: string) =>
      remote === 'verona.example' ? { ...lenient, tls: 'required' as const } : lenient;
    const first = connect({}, { resumables, policyFor, verifyKey: async () => ({ verdict: 'valid' }) });
    await until('managed', () => first.out.isManaged && first.in.isManaged);
    first.out.authenticate({ local: 'verona.example', remote: 'montague.example' });
    await until('two pairs', () => first.in.pairs.length === 2);
    first.wire.cut();
    await until('detached', () => first.in.state === 'detached' && first.atOut.end !== undefined);
    const resume = first.atOut.end?.resumption;
    assert.ok(resume);
    const next = connect({ resume }, { resumables, policyFor, secureContextFor: () => undefined });
    await until('authenticated', () => isUp(next));
    assert.deepEqual([next.out.isSecure, next.out.isResumed, first.in.state], [false, false, 'detached']);
    await Promise.all([first.in.close(), next.out.close()]);
  });

  test('is kept for so many streams of a domain that broke off, the latest ones', async () => {
    const resumables = s2sResumables({ lostOfOneMax: 2 });
    const links: Awaited<ReturnType<typeof lose>>['first'][] = [];
    for (let n = 0; n < 4; n++) links.push((await lose(resumables)).first);
    assert.deepEqual(
      links.map((link) => link.in.state),
      ['ended', 'ended', 'detached', 'detached'],
    );
    assert.equal(links[0]?.atIn.end?.reason, 'lost');
    assert.equal(resumables.size, 2);
    // One that goes on does not count any more.
    const next = connect({ usesBidi: true, resume: links[2]?.atOut.end?.resumption }, { resumables });
    await until('resumed', () => next.out.isResumed && links[2]?.in.state === 'established');
    links.push((await lose(resumables)).first);
    assert.deepEqual(
      links.map((link) => link.in.state),
      ['ended', 'ended', 'established', 'detached', 'detached'],
    );
    await Promise.all([next.out.close(), ...links.map((link) => link.in.close())]);
    assert.equal(resumables.size, 0);
  });

  test('is kept for so many streams in all', async () => {
    const resumables = s2sResumables({ lostMax: 1 });
    const [one, two] = [await lose(resumables), await lose(resumables)];
    assert.deepEqual([one.first.in.state, two.first.in.state], ['ended', 'detached']);
    await two.first.in.close();
  });

  test('is not tried where a domain of theirs that went over the stream as well is asked for more', async () => {
    const rooms = { local: 'capulet.example', remote: 'rooms.montague.example' };
    const context = contextOf(await certificateFor('montague.example', 'rooms.montague.example'));
    const bidi = (policy: PeerPolicy) => ({
      isOurs: (domain: string) => domain === 'capulet.example',
      policyFor: () => policy,
      isOurKey: () => false,
      verifyKey: async () => ({ verdict: 'valid' }) as const,
    });
    for (const [policy, isKept] of [
      [lenient, true],
      [{ ...lenient, tls: 'required' }, false],
      [{ ...lenient, allowsDialback: false }, false],
    ] as const) {
      const link = connect(
        { usesBidi: true, bidi: bidi(policy) },
        { secureContextFor: () => context, dialbackKey: () => 'key' },
      );
      await until('managed', () => link.out.isManaged && link.in.isManaged);
      link.in.authenticate({ local: rooms.remote, remote: rooms.local });
      await until('two pairs', () => link.out.pairs.length === 2);
      link.out.send(toRomeo('1'), 1);
      link.wire.cut();
      await until('ended', () => link.atOut.end !== undefined);
      const { resumption, unacked } = link.atOut.end ?? {};
      assert.deepEqual([resumption !== undefined, unacked?.length], [isKept, isKept ? 0 : 1]);
      await link.in.close();
    }
  });

  test('was not tried: what it has is there for the next attempt', async () => {
    const { resume, first } = await lose();
    const next = connect({ usesBidi: true, resume });
    next.wire.cut();
    await until('ended', () => next.atOut.end !== undefined);
    assert.equal(next.atOut.end?.reason, 'failed');
    assert.equal(next.atOut.end?.resumption, resume);
    assert.equal(resume?.unacked.length, 1);
    await first.in.close();
  });

  test('ends when nobody comes in time', async () => {
    const clock = new SimulatedClock();
    const wire = new Wire({ delayMs: 10, clock });
    const link = connect({ usesBidi: true, clock }, { clock, limits: { resumeMs: 60_000 } }, wire);
    await until('managed', () => link.out.isManaged && link.in.isManaged);
    link.in.send(toJuliet('2'), 2);
    wire.cut();
    await until('ended', () => link.atOut.end !== undefined && link.in.state === 'detached');
    const leftMs = (link.atOut.end?.resumption?.until ?? 0) - clock.mono();
    assert.ok(leftMs > 59_000 && leftMs <= 60_000);
    clock.advance(59_000);
    assert.equal(link.in.state, 'detached');
    clock.advance(1_000);
    assert.deepEqual(
      link.atIn.end?.unacked.map(({ tag }) => tag),
      [2],
    );
    const late = connect({ clock, resume: link.atOut.end?.resumption }, { clock }, new Wire({ delayMs: 10, clock }));
    await until('authenticated', () => isUp(late));
    assert.equal(late.out.isResumed, false);
    await late.out.close();
  });
});
