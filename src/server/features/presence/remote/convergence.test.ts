// Two servers whose links break, heal and go silent, that restart, crash and come back, and people who come and go
// meanwhile: when the links are whole again and the time-outs have passed, every session has been shown the truth, and no
// session was ever shown the same twice in a row.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Client } from '../../../testing/client.ts';
import { World } from '../../../testing/world.ts';
import { emptyItem } from '../../../users/roster.ts';
import { viewOf } from '../view.ts';

const people = ['mila@home.test', 'anna@home.test', 'tom@far.test', 'eva@far.test'];
const domains = ['home.test', 'far.test'] as const;
const domainOf = (address: string): string => address.slice(address.indexOf('@') + 1);

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('come', 'show', 'hide', 'go'), who: fc.nat(3), session: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('breaks', 'heals', 'is silent'), who: fc.nat(0), session: fc.nat(0) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('restarts', 'crashes'), who: fc.nat(1), session: fc.nat(0) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('minutes pass'), who: fc.nat(40), session: fc.nat(0) }) },
);

/** Replays what a session received: full addresses to their status. Fails when something was said twice in a row. */
const shownTo = (client: Client): Map<string, string> => {
  const shown = new Map<string, string>();
  for (const stanza of client.received) {
    if (stanza.kind !== 'presence' || !stanza.from) continue;
    const from = stanza.from.toString();
    if (stanza.type === undefined) {
      const status = stanza.child('status')?.children.join('') ?? '';
      if (stanza.from.bare.toString() !== client.link.jid.bare.toString())
        assert.notEqual(shown.get(from), status, `${client.jid} is told twice of ${from}`);
      shown.set(from, status);
    } else if (stanza.type === 'unavailable')
      assert(
        shown.delete(from) || from === client.jid,
        `${client.jid} is told that ${from} has gone, whom it never saw`,
      );
  }
  return shown;
};

class Life {
  readonly world = new World();
  /** Available ones, with the status they showed last. */
  readonly here = new Map<string, { readonly client: Client; status: string }>();
  #statuses = 0;
  readonly #crashed = new Set<string>();

  async begin(): Promise<void> {
    this.world.addServer('far.test');
    for (const one of people)
      for (const other of people) {
        if (one === other) continue;
        const server = this.world.serverOf(one);
        await server.addAccount(one);
        await server.store.rosters.set(one, other, { ...emptyItem(other), subscription: 'both', listed: true });
        const host = server.hosts.get(domainOf(one));
        if (host) viewOf(host).expect(one, other);
      }
  }

  async act(what: string, who: number, session: number): Promise<void> {
    const { world, here } = this;
    const domain = domains[who % 2] ?? 'home.test';
    if (what === 'breaks') world.wires.change(...domains, 'broken');
    else if (what === 'heals') world.wires.change(...domains, 'up');
    else if (what === 'is silent') world.wires.change(...domains, 'silent');
    else if (what === 'minutes pass') await world.pass(who * 60_000);
    else if (what === 'restarts' || what === 'crashes') {
      if (this.#crashed.has(domain)) return;
      if (what === 'crashes') {
        await world.crash(domain);
        this.#crashed.add(domain);
      } else await world.restart(domain);
      for (const name of [...here.keys()]) if (domainOf(name.split('/')[0] ?? '') === domain) here.delete(name);
    } else await this.#person(what, people[who] ?? '', `r${session}`);
    await world.settle();
  }

  async #person(what: string, who: string, resource: string): Promise<void> {
    const { world, here } = this;
    if (this.#crashed.has(domainOf(who))) {
      // Whoever wants in brings the server back.
      world.back(domainOf(who));
      this.#crashed.delete(domainOf(who));
    }
    const name = `${who}/${resource}`;
    const known = here.get(name);
    const status = `s${this.#statuses++ % 3}`;
    if (what === 'come') {
      if (known) return;
      const client = await world.serverOf(who).signIn(who, resource);
      here.set(name, { client, status });
      await client.sends(`<presence><status>${status}</status></presence>`);
    } else if (!known) return;
    else if (what === 'show') {
      if (known.status === status) return;
      known.status = status;
      await known.client.sends(`<presence><status>${status}</status></presence>`);
    } else {
      here.delete(name);
      if (what === 'hide') await known.client.sends("<presence type='unavailable'/>");
      else await known.client.link.close();
    }
  }

  async end(): Promise<void> {
    const { world } = this;
    for (const domain of this.#crashed) world.back(domain);
    world.wires.change(...domains, 'up');
    await world.pass(3 * 3_600_000);
  }
}

test('when links are whole and time has passed every session has been shown the truth, and nothing twice', () =>
  fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30, size: 'max' }), async (actions) => {
      const life = new Life();
      await life.begin();
      try {
        for (const one of actions) await life.act(one.do, one.who, one.session);
        await life.end();
        const truth = new Map([...life.here].map(([name, { status }]) => [name, status]));
        for (const { client } of life.here.values())
          assert.deepEqual(
            new Map([...shownTo(client)].sort()),
            new Map([...truth].sort()),
            `what ${client.jid} was shown`,
          );
      } finally {
        await life.world.close();
      }
    }),
    { numRuns: 10 },
  ));
