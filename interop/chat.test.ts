// The main job with real parts: a phone and a friend on slixmpp chat over onesoup's own server, and unchanged over a Prosody
// that onesoup does not own. Every kind of phone, every way of signing in.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  android,
  type Personality,
  plain,
  strict,
  strict11,
  wbxml12,
  wbxml13,
} from '../src/imps/client/personality.ts';
import type { StructureOf } from '../src/imps/primitives.ts';
import { canServeNames } from './peers/dns.ts';
import { hasEjabberd, prepareEjabberd } from './peers/ejabberd.ts';
import { startNetwork } from './peers/network.ts';
import { type Onesoup, prepareOnesoup } from './peers/onesoup.ts';
import { makePhone, type Phone, type PhoneOptions } from './peers/phone.ts';
import { type Prosody, prepareProsody } from './peers/prosody.ts';
import { type Friend, type FriendEvent, hasSlixmpp, startFriend } from './peers/slixmpp.ts';

interface World {
  readonly onesoup: Onesoup;
  /** The domain the users are of, and the port their XMPP clients connect to. */
  readonly domain: string;
  readonly host?: string;
  readonly c2s: number;
  /** Makes an account that may sign in from any phone. */
  addUser(name: string, password: string): Promise<void>;
  end(): Promise<void>;
}

const ownWorld = async (): Promise<World> => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  await onesoup.start();
  return {
    onesoup,
    domain: 'home.test',
    c2s: onesoup.ports.c2s,
    addUser: (name, password) => onesoup.addUser(name, password, { phone: true }),
    end: () => onesoup.remove(),
  };
};

/** What a person does whose phone insists on a digest: links the account on the web page. */
const link = async (onesoup: Onesoup, address: string, password: string): Promise<void> => {
  const body = new URLSearchParams({ address, password, do: 'link' });
  const linked = await fetch(onesoup.csp.replace('/csp', '/link'), { method: 'POST', body });
  assert.equal(linked.status, 200, await linked.text());
};

const prosodyWorld = async (): Promise<World> => {
  const prosody: Prosody = await prepareProsody({ domain: 'other.test' });
  await prosody.start();
  const onesoup = await prepareOnesoup({
    domain: 'home.test',
    backends: [{ domain: 'other.test', port: prosody.ports.c2s }],
  });
  await onesoup.start();
  return {
    onesoup,
    domain: 'other.test',
    c2s: prosody.ports.c2s,
    async addUser(name, password) {
      await prosody.addUser(name, password);
      await link(onesoup, `${name}@other.test`, password);
    },
    async end() {
      await onesoup.remove();
      await prosody.remove();
    },
  };
};

const ejabberdWorld = async (): Promise<World> => {
  const network = await startNetwork();
  const domain = 'other.test';
  const keys = await network.authority.issue({ domains: [domain] });
  const ejabberd = await prepareEjabberd({ network, domains: [domain], keys });
  await ejabberd.start();
  const { address, ports } = ejabberd;
  const onesoup = await prepareOnesoup({
    domain: 'home.test',
    backends: [{ domain, host: address, port: ports.c2s }],
  });
  await onesoup.start();
  return {
    onesoup,
    domain,
    host: address,
    c2s: ports.c2s,
    async addUser(name, password) {
      await ejabberd.addUser(name, password);
      await link(onesoup, `${name}@${domain}`, password);
    },
    async end() {
      await onesoup.remove();
      await ejabberd.remove();
      await network[Symbol.asyncDispose]();
    },
  };
};

interface Handset {
  readonly what: string;
  readonly personality: Personality;
  readonly cir: NonNullable<PhoneOptions['cir']>;
  readonly schemes: readonly ('PWD' | 'MD5' | 'SHA')[];
}
const all = ['PWD', 'MD5', 'SHA'] as const;
const handsets: readonly Handset[] = [
  { what: '1.1 in XML, polling', personality: plain, cir: 'none', schemes: all },
  { what: '1.2 in WBXML, CIR over TCP', personality: wbxml12, cir: 'tcp', schemes: all },
  { what: '1.3 in WBXML, CIR over UDP', personality: wbxml13, cir: 'udp', schemes: all },
  { what: 'strict like S60, 1.2', personality: strict, cir: 'tcp', schemes: ['PWD', 'MD5'] },
  { what: 'strict like S60, 1.1', personality: strict11, cir: 'tcp', schemes: ['PWD', 'MD5'] },
  { what: 'sloppy like Android', personality: android, cir: 'tcp', schemes: all },
];

const statusText = (list: StructureOf<'PresenceSubList'> | undefined): string | undefined =>
  typeof list?.StatusText === 'object' ? list.StatusText.PresenceValue : undefined;

const skip = hasSlixmpp() || process.env['CI'] ? false : 'python3-slixmpp is not installed';

for (const [where, makeWorld, those] of [
  ['our own server', ownWorld, handsets],
  ['a Prosody behind the gateway', prosodyWorld, handsets],
  ...(canServeNames() && (hasEjabberd() || process.env['CI'])
    ? ([
        ['an ejabberd behind the gateway', ejabberdWorld, handsets.filter(({ what }) => what.includes('CIR'))],
      ] as const)
    : []),
] as const)
  describe(`over ${where}`, { skip }, () => {
    let world: World;
    let friend: Friend;
    let lastUser = 0;
    before(async () => {
      world = await makeWorld();
      await world.addUser('bob', 'soup and bread');
      friend = await startFriend(`bob@${world.domain}`, 'soup and bread', world.c2s, {
        host: world.host ?? '127.0.0.1',
      });
    });
    after(async () => {
      await friend?.quit();
      await world?.end();
    });

    /** A user of their own for each phone, whose contact is bob, and who is bob's. */
    const newUser = async (): Promise<string> => {
      const name = `ann${++lastUser}`;
      await world.addUser(name, 'päss wörd');
      return name;
    };
    const wv = (name: string): string => `wv:${name}@${world.domain}`;
    const from = (name: string) => (event: FriendEvent) => String(event['from']).startsWith(`${name}@${world.domain}`);
    const phoneOf = (handset: Handset, name: string): Phone =>
      makePhone(world.onesoup.csp, {
        user: wv(name),
        password: 'päss wörd',
        personality: handset.personality,
        cir: handset.cir,
      });

    /** Bob becomes a contact in the default list; each sees the other. */
    const befriend = async (phone: Phone, name: string): Promise<string> => {
      const lists = await phone.contactLists();
      const list = lists.at(-1);
      assert.ok(list, 'there is always a default list');
      await phone.readList(list);
      await phone.manageList({
        name: 'ListManage-Request',
        ContactList: list,
        AddNickList: { NickName: [{ Name: 'Bob', UserID: wv('bob') }] },
      });
      assert.equal(await phone.subscribe({ lists: [list] }), 200);
      await friend.events.until(`${name} asking`, (e) => e.event === 'subscribe' && from(name)(e));
      await friend.do({ do: 'subscribed', to: `${name}@${world.domain}` });
      await friend.do({ do: 'subscribe', to: `${name}@${world.domain}` });
      return list;
    };

    for (const handset of those) {
      for (const scheme of handset.schemes)
        test(`${handset.what}: signs in (${scheme}), and a message goes each way`, async () => {
          const name = await newUser();
          using phone = phoneOf(handset, name);
          await phone.start(scheme);
          // Android's parser keeps only what follows the last character reference of a text; nothing a server sends can mend that.
          const markup = handset.personality === android ? '' : '<&> ';
          const texts = [`grüße from ${name}`, `to ${name}: ${markup}"zurück" ☕`] as const;
          await phone.sendText(wv('bob'), texts[0]);
          const got = await friend.events.until('the phone', (e) => e.event === 'message' && e['body'] === texts[0]);
          const started = performance.now();
          await friend.do({ do: 'message', to: String(got['from']), body: texts[1] });
          const message = await phone.next('NewMessage');
          const ms = performance.now() - started;
          assert.equal(message.ContentData, texts[1]);
          if (handset.cir !== 'none') assert.ok(ms < 1500, `woken after ${Math.round(ms)} ms`);
          await phone.signOut();
          assert.deepEqual(phone.complaints, []);
        });

      test(`${handset.what}: contacts come and go, authorisation, delivery report, offline message, block`, async () => {
        const name = await newUser();
        using phone = phoneOf(handset, name);
        await phone.start('PWD');
        const list = await befriend(phone, name);

        // Bob asks back: the phone is asked and says yes, or, where it did not negotiate REACT, its standing rule does.
        const { personality } = handset;
        if (personality.version === '1.3' || personality === strict || personality === strict11) {
          const code = await phone.codeFor({
            name: 'CreateAttributeList-Request',
            PresenceSubList: { OnlineStatus: [true], UserAvailability: true, StatusText: true },
            DefaultList: true,
          });
          assert.equal(code, 200);
        } else {
          const asked = await phone.next('PresenceAuth-Request');
          assert.equal(asked.UserID, wv('bob'));
          assert.equal(await phone.codeFor({ name: 'PresenceAuth-User', UserID: wv('bob'), Acceptance: true }), 200);
        }
        await friend.events.until('being let in', (e) => e.event === 'subscribed' && from(name)(e));
        assert.equal(await phone.publish('DISCREET', 'im Zug'), 200);
        // Android means "busy" by it, Nokia "away".
        const show = personality === android ? 'dnd' : 'away';
        await friend.events.until('the phone away', (e) => {
          return e.event === 'presence' && from(name)(e) && e['show'] === show && e['status'] === 'im Zug';
        });

        // Bob's own coming and going, each time with everything known of him.
        await friend.do({ do: 'presence', show: 'away', status: 'lunch' });
        await phone.next('PresenceNotification-Request', ({ Presence }) =>
          (Presence ?? []).some(
            ({ UserID, PresenceSubList }) =>
              UserID === wv('bob') &&
              statusText(PresenceSubList?.[0]) === 'lunch' &&
              PresenceSubList?.[0]?.OnlineStatus?.[0] !== undefined,
          ),
        );
        await friend.do({ do: 'presence' });

        // A report for the phone's message, and the contact list as another client changes it.
        await phone.sendText(wv('bob'), 'arrived?', { report: true });
        const report = await phone.next('DeliveryReport-Request');
        assert.equal(report.Result.Code, 200);
        await friend.do({
          do: 'message',
          to: `${name}@${world.domain}`,
          body: 'and mine?',
          receipt: true,
          id: `r-${name}`,
        });
        await phone.next('NewMessage', ({ ContentData }) => ContentData === 'and mine?');
        await friend.events.until('the receipt', (e) => e.event === 'receipt' && e['id'] === `r-${name}`);

        // Signed out, a message waits; signed in again, it comes, with its contact list.
        await phone.signOut();
        await friend.events.until('the phone gone', (e) => {
          return e.event === 'presence' && e['type'] === 'unavailable' && from(name)(e);
        });
        await friend.do({ do: 'message', to: `${name}@${world.domain}`, body: 'while you were out' });
        using again = phoneOf(handset, name);
        await again.start('PWD');
        await again.next('NewMessage', ({ ContentData }) => ContentData === 'while you were out');
        const read = await again.readList(list);
        assert.deepEqual(
          read.NickList?.NickName?.map(({ Name, UserID }) => [Name, UserID]),
          [['Bob', wv('bob')]],
        );

        // Blocked: the friend's message does not come through.
        const block =
          handset.personality.version === '1.3'
            ? { BlockListInUse: true, BlockList: { AddList: { UserID: [wv('bob')] } } }
            : { BlockList: { InUse: true, AddList: { UserID: [wv('bob')] } } };
        assert.equal(await again.codeFor({ name: 'BlockEntity-Request', ...block }), 200);
        await friend.do({ do: 'message', to: `${name}@${world.domain}`, body: 'blocked?' });
        await assert.rejects(again.next('NewMessage', ({ ContentData }) => ContentData === 'blocked?', 2500));
        await again.signOut();
        assert.deepEqual([...phone.complaints, ...again.complaints], []);
      });
    }

    test('a wrong password is refused with 409, and the operator reads why', async () => {
      const name = await newUser();
      for (const scheme of all) {
        using phone = makePhone(world.onesoup.csp, { user: wv(name), password: 'quite-another', personality: wbxml12 });
        await assert.rejects(phone.signIn(scheme), { code: 409 });
      }
      const listed = await world.onesoup.command(['signins', '--address', `${name}@${world.domain}`]);
      assert.equal(listed.match(/409/g)?.length, 3, listed);
      assert.doesNotMatch(listed, /quite-another/);
    });

    test('however the user types the address', async () => {
      const name = await newUser();
      const own = world.domain === 'home.test';
      const forms = [wv(name), `${name}@${world.domain}`, wv(name).toUpperCase(), `${wv(name)} `];
      for (const user of own ? [...forms, name, `wv:${name}`, name.toUpperCase(), `${name} `] : forms)
        for (const scheme of all) {
          using phone = makePhone(world.onesoup.csp, {
            user,
            password: 'päss wörd',
            personality: wbxml12,
            cir: 'none',
          });
          await phone.signIn(scheme).catch((cause: unknown) => {
            throw new Error(`'${user}' by ${scheme}`, { cause });
          });
          await phone.signOut();
        }
    });
  });
