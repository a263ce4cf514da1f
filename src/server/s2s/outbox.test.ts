import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { Budget, type Entry, Outbox } from './outbox.ts';

const entry = (tag: number, chars: number): Entry => ({
  stanza: Stanza.make({ kind: 'message', from: Jid.from('anna@home.test'), to: Jid.from('x@away.example') }),
  fate: 'lasting',
  isBroadcast: false,
  chars,
  tag,
  arrivedAt: 0,
  receivedAt: 0,
  deadline: 1_000,
  newsKey: undefined,
  stored: undefined,
  isOut: false,
  isDone: false,
  safe: undefined,
});

test('however many servers read nothing, there is room for another', () => {
  for (const [what, max] of [
    ['characters', { stanzas: 1_000_000, chars: 100_000 }],
    ['stanzas', { stanzas: 1_000, chars: 1_000_000 }],
  ] as const) {
    const budget = new Budget(max);
    let tag = 0;
    const fill = (outbox: Outbox): number => {
      let taken = 0;
      while (outbox.push(entry(++tag, 100))) taken++;
      return taken;
    };
    const link = (): Outbox => new Outbox({ stanzas: 120, chars: 12_000 }, budget);
    const taken = Array.from({ length: 30 }, () => fill(link()));
    assert.equal(taken[0], 120, 'while there is plenty, its own limit is all that counts');
    assert.ok(
      taken.every((count) => count > 1),
      `${what}: ${taken}`,
    );
  }
});

test('what is done leaves its room', () => {
  const budget = new Budget({ stanzas: 16, chars: 1_600 });
  const outbox = new Outbox({ stanzas: 2, chars: 1_000 }, budget);
  const first = entry(1, 100);
  assert.deepEqual([outbox.push(first), outbox.push(entry(2, 100)), outbox.push(entry(3, 100))], [true, true, false]);
  outbox.done(first);
  assert.deepEqual([outbox.push(entry(4, 100)), budget.stanzas, budget.chars], [true, 2, 200]);
});
