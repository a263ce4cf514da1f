// Two onesoups, phones on both: what the IMPS server-to-server protocol was for. Binary XML and wake-ups at both ends, no XMPP
// client anywhere; and one of the servers is killed in the middle.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom, systemRandom } from '../../src/base/random.ts';
import { wbxml12, wbxml13 } from '../../src/imps/client/personality.ts';
import { Ledger, type Sort } from '../crash/ledger.ts';
import { PhonePerson } from '../crash/phone-person.ts';
import { canServeNames } from '../peers/dns.ts';
import { startNetwork } from '../peers/network.ts';
import type { Onesoup } from '../peers/onesoup.ts';
import { makePhone } from '../peers/phone.ts';
import {
  becomeContact,
  type Handy,
  isOffline,
  isOnline,
  isShown,
  letsEverybodySee,
  says,
  sendsText,
} from './phones.ts';
import { onesoupSide, password } from './sides.ts';

const skip = !canServeNames() && 'only root may serve names on port 53 and make mount namespaces';

const handyOf = async (server: Onesoup, name: string, is13: boolean): Promise<Handy> => {
  const address = `wv:${name}@${server.domain}`;
  const phone = makePhone(server.csp, {
    user: address,
    password,
    // It outlives its server: a request without an answer goes again.
    personality: { ...(is13 ? wbxml13 : wbxml12), retryMsMax: 1500, retriesMax: 100 },
    cir: is13 ? 'udp' : 'tcp',
  });
  await phone.start('MD5');
  if (is13) await letsEverybodySee(phone);
  return { phone, address, isAsked: !is13 };
};

/** Complaints but those of a server that is gone. */
const complaints = ({ phone }: Handy): readonly string[] =>
  phone.complaints.filter((one) => !/no HTTP answer|ECONN|the CIR connection was closed|no CIR connection/.test(one));

describe('two onesoups', { skip }, () => {
  for (const manner of [
    { trust: 'certificates', reach: 'direct' },
    { trust: 'dialback', reach: 'starttls' },
  ] as const)
    test(`phone to phone: ${manner.trust}, ${manner.reach}`, { timeout: 180_000 }, async (t) => {
      await using network = await startNetwork();
      const north = await onesoupSide(network, manner, { domain: 'north.test' });
      const south = await onesoupSide(network, manner, { domain: 'south.test' });
      const phones: Handy[] = [];
      try {
        await Promise.all([north.start(), south.start()]);
        await north.server.addUser('ann', password, { phone: true });
        await south.server.addUser('bob', password, { phone: true });
        const ann = await handyOf(north.server, 'ann', false);
        phones.push(ann);
        const bob = await handyOf(south.server, 'bob', true);
        phones.push(bob);

        await sendsText(ann, bob, 'hej');
        const wokenMs = await sendsText(bob, ann, 'selber hej');
        assert.ok(wokenMs < 3000, `woken after ${Math.round(wokenMs)} ms`);

        await becomeContact(ann, bob);
        await isShown(ann, bob, 'the coming', isOnline);
        await becomeContact(bob, ann);
        await isShown(bob, ann, 'the coming', isOnline);
        await ann.phone.publish('DISCREET', 'im Zug');
        await isShown(bob, ann, 'im Zug', says('im Zug'));
        await bob.phone.publish('NOT_AVAILABLE', 'an der Arbeit');
        await isShown(ann, bob, 'an der Arbeit', says('an der Arbeit'));

        // A report comes back from the other side.
        await ann.phone.sendText(bob.address, 'arrived?', { report: true });
        await bob.phone.next('NewMessage', ({ ContentData }) => ContentData === 'arrived?');
        assert.equal((await ann.phone.next('DeliveryReport-Request', undefined, 30_000)).Result.Code, 200);

        // Away; a message waits; back.
        await bob.phone.signOut();
        await isShown(ann, bob, 'the going', isOffline);
        await ann.phone.sendText(bob.address, 'while you were out');
        const again = await handyOf(south.server, 'bob', true);
        phones.push(again);
        await again.phone.next('NewMessage', ({ ContentData }) => ContentData === 'while you were out');
        await isShown(ann, again, 'the coming', isOnline);

        // The south dies under it all. What the north accepts meanwhile arrives when it is back; nobody signs in again.
        await south.stop('SIGKILL');
        for (const n of [1, 2, 3]) await ann.phone.sendText(bob.address, `into the dark ${n}`);
        await south.start();
        for (const n of [1, 2, 3])
          await again.phone.next('NewMessage', ({ ContentData }) => ContentData === `into the dark ${n}`, 60_000);
        await sendsText(again, ann, 'here again', 60_000);
        await sendsText(ann, again, 'welcome back');
        // A second showing would have come by now.
        await sleep(2000);
        const more = await again.phone.next('NewMessage', undefined, 10).catch(() => undefined);
        assert.equal(more, undefined, 'shown once more');
        assert.deepEqual([ann, bob, again].flatMap(complaints), []);
      } catch (cause) {
        for (const { domain, output } of [north, south]) t.diagnostic(`${domain} said:\n${output().slice(-20_000)}`);
        throw cause;
      } finally {
        for (const { phone } of phones) phone[Symbol.dispose]();
        await north.remove();
        await south.remove();
      }
    });

  test('phones chat across both while either is killed: nothing acknowledged is lost, nothing is shown twice', {
    timeout: 240_000,
  }, async (t) => {
    const seed = Number(process.env['SEED'] ?? Math.floor(systemRandom.fraction() * 2 ** 31));
    t.diagnostic(`SEED=${seed}`);
    await using network = await startNetwork();
    const manner = { trust: 'certificates', reach: 'direct' } as const;
    const extra = { gateway: { poll_hold_seconds: 1 }, log: { level: 'info', pretty: 'never' } };
    const sides = [
      await onesoupSide(network, manner, { domain: 'north.test', extra }),
      await onesoupSide(network, manner, { domain: 'south.test', extra }),
    ] as const;
    const homes = new Map<string, (typeof sides)[number]>();
    for (const n of [1, 2, 3, 4]) {
      homes.set(`north${n}`, sides[0]);
      homes.set(`south${n}`, sides[1]);
    }
    const names = [...homes.keys()];
    const addressOf = (name: string): string => `${name}@${homes.get(name)?.domain}`;
    const ledger = new Ledger(new Map(names.map((name): [string, Sort] => [name, 'phone'])));
    const people: PhonePerson[] = [];
    try {
      await Promise.all(sides.map((side) => side.start()));
      for (const [name, { server }] of homes) {
        await server.addUser(name, password, { phone: true });
        const kind = { what: 'WBXML with CIR', personality: wbxml12, cir: 'tcp', scheme: 'PWD' } as const;
        people.push(new PhonePerson(name, kind, server.csp, addressOf, password, ledger));
      }
      await Promise.all(people.map((one) => one.signIn()));
      const random = seededRandom(seed);
      let isOver = false;
      const talks = people.map(async (one) => {
        // To the other side of the world, each to everybody there.
        const others = names.filter((name) => homes.get(name) !== homes.get(one.name));
        while (!isOver) {
          await sleep(random.fraction() * 600);
          if (!isOver) await one.send(others[Math.floor(random.fraction() * others.length)] ?? '');
        }
      });
      for (const victim of [sides[0], sides[1], sides[0], sides[1]]) {
        await sleep(1000 + random.fraction() * 2500);
        await victim.stop('SIGKILL');
        await sleep(random.fraction() * 1500);
        await victim.start();
      }
      await sleep(1500);
      isOver = true;
      const until = performance.now() + 100_000;
      while ((!people.every(({ isIdle }) => isIdle) || ledger.missing.length > 0) && performance.now() < until)
        await sleep(250);
      await Promise.all(talks);
      await sleep(2500);
      t.diagnostic(`${ledger.messages.length} messages`);
      assert.deepEqual([...ledger.verdict(), ...people.flatMap((one) => one.verdict())], [], `SEED=${seed}`);
      assert.ok(ledger.messages.length > 50, `only ${ledger.messages.length} messages`);
    } catch (cause) {
      for (const { domain, output } of sides) t.diagnostic(`${domain} said:\n${output().slice(-20_000)}`);
      throw cause;
    } finally {
      for (const one of people) one.phone[Symbol.dispose]();
      for (const side of sides) await side.remove();
    }
  });
});
