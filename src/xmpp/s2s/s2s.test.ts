// Both halves of a stream against each other.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../stream/testing.ts';
import { bodies, connect, contextOf, impostor, outPair, strict, toJuliet, toRomeo } from './testing.ts';

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
