// Two hundred contacts on one other server, thirty of them online: the sign-in's picture, from the view and from the probes.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Jid } from '../../src/xmpp/jid.ts';
import { Stanza } from '../../src/xmpp/stanza.ts';
import type { Ejabberd } from '../peers/ejabberd.ts';
import { type Network, startNetwork } from '../peers/network.ts';
import type { Prosody } from '../peers/prosody.ts';
import { isPresent, type Lean, leanClient } from './lean.ts';
import { ejabberdSide, type Manner, onesoupSide, password, prosodySide, type Side } from './sides.ts';
import { skip } from './world.ts';

const manner: Manner = { trust: 'certificates', reach: 'starttls' };
const names = Array.from({ length: 200 }, (_, at) => `contact${at + 1}`);
const present = names.slice(0, 30);
const ann = 'ann@onesoup.test';

/** Everybody has an account and has let ann see them, as Prosody keeps it in its files. */
const settleInProsody = async ({ directory, domain }: Prosody): Promise<void> => {
  const folder = (store: string): string => {
    const path = join(directory, 'data', domain.replaceAll('.', '%2e'), store);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const [accounts, roster] = [folder('accounts'), folder('roster')];
  for (const name of names) {
    writeFileSync(join(accounts, `${name}.dat`), `return { ["password"] = "${password}"; };\n`);
    const item = `["${ann}"] = { ["subscription"] = "from"; ["groups"] = {}; };`;
    writeFileSync(
      join(roster, `${name}.dat`),
      `return { [false] = { ["version"] = 1; ["pending"] = {}; }; ${item} };\n`,
    );
  }
};

const settleInEjabberd = async (server: Ejabberd): Promise<void> => {
  const [user = '', host = ''] = ann.split('@');
  for (const name of names) {
    await server.addUser(name, password);
    const item = { localuser: name, localhost: server.domain, user, host, nick: '', group: '', subs: 'from' };
    await server.api('add_rosteritem', item);
  }
};

/** Bare addresses shown online, each with how often, and the milliseconds from `since` until all who are present had been. */
const shownOnline = async (
  { came }: Lean,
  domain: string,
  since: number,
): Promise<readonly [Map<string, number>, number]> => {
  const shown = new Map<string, number>();
  const isComplete = (): boolean => present.every((name) => shown.has(`${name}@${domain}`));
  let next = 0;
  let completeAt = 0;
  for (;;) {
    for (; next < came.length; next++) {
      const { stanza, at } = came[next] as Lean['came'][number];
      if (stanza.kind !== 'presence' || stanza.type !== undefined || stanza.from?.domain !== domain) continue;
      const bare = stanza.from.bare.toString();
      shown.set(bare, (shown.get(bare) ?? 0) + 1);
      if (completeAt === 0 && isComplete()) completeAt = at;
    }
    if (completeAt > 0) return [shown, completeAt - since];
    assert.ok(performance.now() - since < 60_000, `shown online after a minute: ${[...shown.keys()].join(', ')}`);
    await sleep(10);
  }
};

for (const [what, theirs] of [
  ['Prosody', async (network: Network) => prosodySide(network, manner)],
  ['ejabberd', async (network: Network) => ejabberdSide(network, manner)],
] as const)
  describe(`a large roster on a ${what}`, { skip }, () => {
    test('is shown at sign-in, each contact once', async (t) => {
      await using network = await startNetwork();
      const here = await onesoupSide(network, manner);
      const there = await theirs(network);
      const friends: Lean[] = [];
      const where = { host: there.server.address, port: there.server.ports.c2s };
      const signIn = (): Promise<Lean> => leanClient(ann, password, { host: '127.0.0.1', port: here.server.ports.c2s });
      try {
        if (there.kind === 'prosody') await settleInProsody(there.server as Prosody);
        await Promise.all([here.start(), there.start()]);
        if (there.kind === 'ejabberd') await settleInEjabberd(there.server as Ejabberd);
        await here.addUser('ann', password);
        // The first time: ann asks all of them, and they had said yes beforehand.
        const first = await signIn();
        friends.push(first);
        await first.client.send(isPresent());
        for (const name of names) {
          const to = Jid.from(`${name}@${there.domain}`);
          await first.client.send(Stanza.make({ kind: 'presence', type: 'subscribe', to }));
        }
        const started = performance.now();
        const approvals = (): number => first.came.filter(({ stanza }) => stanza.type === 'subscribed').length;
        while (approvals() < names.length) {
          assert.ok(performance.now() - started < 60_000, `let in by ${approvals()} after a minute`);
          await sleep(50);
        }
        t.diagnostic(`asked and let in by ${names.length}: ${Math.round(performance.now() - started)} ms`);
        // ejabberd sends no presence after a yes that was said beforehand, so they come online now.
        for (const name of present) {
          const friend = await leanClient(`${name}@${there.domain}`, password, where);
          friends.push(friend);
          await friend.client.send(isPresent());
        }
        await shownOnline(first, there.domain, performance.now());
        await first.client.close();

        const look = async (circumstance: string, withinMs: number): Promise<void> => {
          const again = await signIn();
          friends.push(again);
          const since = performance.now();
          await again.client.send(isPresent());
          const [, ms] = await shownOnline(again, there.domain, since);
          t.diagnostic(`${circumstance}: ${Math.round(ms)} ms`);
          assert.ok(ms < withinMs, `${circumstance}: shown after ${Math.round(ms)} ms`);
          // The answers to the probes say nothing new.
          await sleep(1500);
          const [shown] = await shownOnline(again, there.domain, since);
          assert.deepEqual(new Set(shown.keys()), new Set(present.map((name) => `${name}@${there.domain}`)));
          assert.deepEqual(
            [...shown].filter(([, times]) => times !== 1),
            [],
            'nobody is shown twice',
          );
          await again.client.close();
        };
        await look('signed in again', 1000);
        await here.stop();
        await here.start();
        await look('signed in after a restart', 1500);
        // Nobody there: the last known picture all the same.
        await here.stop();
        await there.stop();
        await here.start();
        const alone = await signIn();
        friends.push(alone);
        const since = performance.now();
        await alone.client.send(isPresent());
        const [, ms] = await shownOnline(alone, there.domain, since);
        t.diagnostic(`the last known picture, with the other server gone: ${Math.round(ms)} ms`);
        assert.ok(ms < 1500);
      } catch (cause) {
        for (const { domain, output } of [here, there] as readonly Side[])
          t.diagnostic(`${domain} said:\n${output().slice(-20_000)}`);
        throw cause;
      } finally {
        for (const { client } of friends) await client.close();
        await here.remove();
        await there.remove();
      }
    });
  });
