// How often two servers have to wait for each other until a probe is answered, told from the time it takes on a slow wire. TCP's
// own round trip comes on top of each.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../stream/testing.ts';
import type { AcceptS2sOptions, OpenS2sOptions, PeerHints } from './s2s.ts';
import { connect, contextOf, impostor, message, outPair, strict } from './testing.ts';
import { Wire } from './wire.ts';

interface Measured {
  readonly roundTrips: number;
  readonly hints: PeerHints;
}

/** juliet@capulet asks for romeo's presence; montague answers on the same stream. */
const probe = async (ours: Partial<OpenS2sOptions>, theirs: Partial<AcceptS2sOptions> = {}): Promise<Measured> => {
  const wire = new Wire({ delayMs: 300 });
  const link = connect({ usesBidi: true, ...ours }, theirs, wire);
  const { out, atOut, atIn } = link;
  atIn.handle = (stanza) => void link.in.send(message(`${stanza.to}`, `${stanza.from}`, 'here'));
  const ask = (): boolean => out.send(message('juliet@capulet.example', 'romeo@montague.example', 'there?'));
  const isAhead = out.carries(outPair);
  if (isAhead) ask();
  atOut.authenticated = () => {
    if (!isAhead) ask();
  };
  let answeredMs = 0;
  atOut.handle = () => {
    answeredMs = wire.elapsedMs;
  };
  await until('the answer', () => answeredMs > 0 || atOut.end !== undefined);
  assert.equal(atOut.end, undefined, JSON.stringify(atOut.end));
  assert.equal(atIn.received.length, 1);
  await until('hints', () => atOut.hints?.sm === true);
  await out.close();
  return { roundTrips: answeredMs / 600, hints: atOut.hints as PeerHints };
};

const cases: [string, Partial<OpenS2sOptions>, Partial<AcceptS2sOptions>, { first: number; next: number }][] = [
  ['STARTTLS, EXTERNAL', { policy: strict }, { policyFor: () => strict }, { first: 4, next: 3 }],
  ['STARTTLS where it is offered, EXTERNAL', {}, {}, { first: 5, next: 3 }],
  ['direct TLS, EXTERNAL', { isDirectTls: true, policy: strict }, { isDirectTls: true }, { first: 4, next: 2 }],
  ['STARTTLS, dialback', { secureContext: contextOf(impostor) }, {}, { first: 6, next: 5 }],
];

describe('round trips from connection to answer', () => {
  for (const [name, ours, theirs, expected] of cases)
    test(name, async () => {
      const first = await probe(ours, theirs);
      const next = await probe({ ...ours, hints: first.hints }, theirs);
      assert.deepEqual({ first: first.roundTrips, next: next.roundTrips }, expected);
    });
});
