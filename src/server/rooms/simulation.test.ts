// Random lives of rooms: people with several clients come, go, rename, speak, vanish, lose their picture and ask for it again,
// are kicked, banned, promoted; the room is configured again and again. After every step: each client's picture of the room,
// made of the presence it was sent, is the room as far as it may see it; and the room's own books agree with each other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { Jid } from '../../xmpp/jid.ts';
import { keepRoom, loadRoom } from './keep.ts';
import { affiliationOf, isKept, type Room } from './state.ts';
import { pictureOf, RoomUnderTest } from './testing.ts';

const tea = 'tea@rooms.test';
const people = ['anna@a.test', 'mila@a.test', 'tom@b.test', 'eva@b.test'];
const clients = people.flatMap((one) => [`${one}/1`, `${one}/2`]);
const nicks = ['Anna', 'anna ', 'Mila', 'Tom', 'Eva', 'Queen', ' '];

const bit = (name: string): fc.Arbitrary<string> =>
  fc.boolean().map((on) => `<field var='muc#roomconfig_${name}'><value>${on ? 1 : 0}</value></field>`);
const form = fc
  .tuple(
    bit('persistentroom'),
    bit('membersonly'),
    bit('moderatedroom'),
    bit('changesubject'),
    bit('enablelogging'),
    fc
      .constantFrom('anyone', 'moderators')
      .map((one) => `<field var='muc#roomconfig_whois'><value>${one}</value></field>`),
    fc
      .subarray(['moderator', 'participant', 'visitor'])
      .map(
        (some) =>
          `<field var='muc#roomconfig_presencebroadcast'>${some.map((one) => `<value>${one}</value>`).join('')}</field>`,
      ),
    fc
      .subarray(people)
      .map(
        (some) =>
          `<field var='muc#roomconfig_roomadmins'>${some.map((one) => `<value>${one}</value>`).join('')}</field>`,
      ),
  )
  .chain((fields) => fc.subarray(fields))
  .map((fields) => fields.join(''));

type Op =
  | { readonly op: 'enter' | 'sync'; readonly nick: string }
  | { readonly op: 'rename'; readonly nick: string }
  | { readonly op: 'show'; readonly show: string }
  | { readonly op: 'leave' | 'speak' | 'vanish' | 'subject' }
  | { readonly op: 'configure'; readonly form: string }
  | { readonly op: 'role'; readonly nick: string; readonly role: string }
  | { readonly op: 'affiliation'; readonly jid: string; readonly affiliation: string; readonly nick: string }
  | { readonly op: 'pause' };

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('enter' as const), nick: fc.constantFrom(...nicks) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('sync' as const), nick: fc.constantFrom(...nicks) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('rename' as const), nick: fc.constantFrom(...nicks) }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('show' as const), show: fc.constantFrom('away', 'dnd', 'chat') }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constantFrom('leave', 'speak', 'vanish', 'subject') }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('configure' as const), form }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('role' as const),
      nick: fc.constantFrom(...nicks),
      role: fc.constantFrom('none', 'visitor', 'participant', 'moderator'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('affiliation' as const),
      jid: fc.constantFrom(...people, 'b.test'),
      affiliation: fc.constantFrom('outcast', 'none', 'member', 'admin', 'owner'),
      nick: fc.constantFrom('', '', 'Queen', 'Tom'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('pause' as const) }) },
);
const life = fc.array(fc.tuple(fc.constantFrom(...clients), op), { maxLength: 80, size: 'max' });

const muc = "<x xmlns='http://jabber.org/protocol/muc'/>";
const admin = (item: string): string =>
  `<iq type='set' id='a' to='${tea}'><query xmlns='http://jabber.org/protocol/muc#admin'>${item}</query></iq>`;

const perform = (world: RoomUnderTest, jid: string, one: Op): void => {
  const client = world.client(jid);
  world.now += 1_000;
  if (client.isGone) {
    // Its connection is back; it knows nothing of what it missed, and enters anew under the nickname it had.
    const { nick = 'Anna' } = client;
    client.isGone = false;
    client.picture = undefined;
    client.nick = undefined;
    client.enters();
    world.send(jid, `<presence to='${tea}/${nick}'>${muc}</presence>`);
    return;
  }
  const nick = client.nick ?? 'Nobody';
  switch (one.op) {
    case 'enter':
    case 'sync': {
      const wanted = one.op === 'sync' ? nick : one.nick;
      client.enters();
      return world.send(jid, `<presence to='${tea}/${wanted}'><status>${wanted}</status>${muc}</presence>`);
    }
    case 'rename':
      return world.send(jid, `<presence to='${tea}/${one.nick}'><status>${one.nick}</status></presence>`);
    case 'show':
      return world.send(jid, `<presence to='${tea}/${nick}'><show>${one.show}</show></presence>`);
    case 'leave':
      return world.send(jid, `<presence type='unavailable' to='${tea}/${nick}'/>`);
    case 'speak':
      return world.send(jid, `<message type='groupchat' to='${tea}'><body>hello</body></message>`);
    case 'subject':
      return world.send(jid, `<message type='groupchat' to='${tea}'><subject>${world.now}</subject></message>`);
    case 'vanish':
      client.isGone = true;
      return;
    case 'configure':
      return world.send(
        jid,
        `<iq type='set' id='c' to='${tea}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>${one.form}</x></query></iq>`,
      );
    case 'role':
      return world.send(jid, admin(`<item nick='${one.nick}' role='${one.role}'/>`));
    case 'affiliation':
      return world.send(
        jid,
        admin(
          `<item jid='${one.jid}' affiliation='${one.affiliation}'${one.nick === '' ? '' : ` nick='${one.nick}'`}/>`,
        ),
      );
    case 'pause':
      world.now += 20 * 60_000;
      return world.happen({ type: 'sweep', id: 's' });
    default:
      one satisfies never;
  }
};

const booksAgree = (room: Room): void => {
  const counted = new Map<string, string>();
  for (const occupant of room.occupants.values()) {
    assert(occupant.sessions.length > 0, `${occupant.nick} is there with a client`);
    for (const { jid } of occupant.sessions) {
      assert(jid.bare.equals(occupant.account));
      assert(!counted.has(jid.toString()), `${jid} is there once`);
      counted.set(jid.toString(), occupant.nick);
    }
    const affiliation = affiliationOf(room, occupant.account);
    assert.notEqual(affiliation, 'outcast', `${occupant.nick} is banned`);
    assert(!room.settings.isMembersOnly || affiliation !== 'none', `${occupant.nick} is no member`);
    if (affiliation === 'owner' || affiliation === 'admin') assert.equal(occupant.role, 'moderator');
    assert.notEqual(occupant.role, 'none');
  }
  assert.deepEqual(new Map([...room.nicks].sort()), new Map([...counted].sort()));
  assert([...room.affiliations.values()].some(({ affiliation }) => affiliation === 'owner'));
  assert(room.history.length <= room.settings.historyMax);
  assert(room.occupants.size > 0 || isKept(room), 'a temporary room without occupants is no more');
};

const picturesAgree = (world: RoomUnderTest): void => {
  for (const client of world.clients.values()) {
    if (client.isGone) continue;
    const nick = world.room?.nicks.get(client.jid.toString());
    assert.equal(client.nick, nick, `${client.jid} knows whether it is in the room, and as whom`);
    if (world.room && nick !== undefined) {
      const truth = pictureOf(world.room, nick);
      const believed = [...(client.picture ?? [])].map(
        ([nick, shown]) => [nick, truth.get(nick)?.addresses ? shown : { ...shown, addresses: undefined }] as const,
      );
      assert.deepEqual(sorted(new Map(believed)), sorted(truth));
    } else assert.equal(client.picture, undefined);
  }
};
const sorted = <Value>(map: ReadonlyMap<string, Value> | undefined): readonly (readonly [string, Value])[] =>
  [...(map ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));

test('every picture is the room', () => {
  let entered = 0;
  fc.assert(
    fc.property(life, (ops) => {
      const world = new RoomUnderTest({ occupantsMax: 4, silenceMs: 15 * 60_000 });
      for (const [jid, one] of ops) {
        perform(world, jid, one);
        if (world.room) booksAgree(world.room);
        picturesAgree(world);
        entered += world.room?.occupants.size ?? 0;
      }
    }),
    { numRuns: 300 },
  );
  assert(entered > 5_000, `the simulation is about rooms with people in them: ${entered}`);
});

test('what is in the Store after every step is the room without its occupants', async () => {
  await fc.assert(
    fc.asyncProperty(life, async (ops) => {
      const store = openSqliteStore({ file: ':memory:' });
      const world = new RoomUnderTest({ historyMax: 5, historyDefault: 3, loggedMax: 7 });
      const jid = Jid.from(tea);
      for (const [who, one] of ops.slice(0, 40)) {
        const before = world.room;
        const from = world.effects.length;
        perform(world, who, one);
        const said = world.effects.slice(from).flatMap((effect) => (effect.type === 'keep' ? [effect.said] : []));
        await keepRoom(store, before, world.room, said, world.limits);
        const kept = await loadRoom(store, jid, world.limits);
        if (!isKept(world.room)) assert.equal(kept, undefined);
        else assert.deepEqual(essence(kept), essence(world.room));
      }
      await store.close();
    }),
    { numRuns: 25 },
  );
});

const essence = (room: Room | undefined): unknown =>
  room && {
    settings: room.settings,
    affiliations: sorted(room.affiliations),
    subject: room.subject && [room.subject.stanza.toXml(), room.subject.at],
    history: room.history.map(({ id, stanza, at }) => [id, stanza.toXml(), at]),
    isLocked: room.isLocked,
    creator: room.creator,
    secret: room.secret,
  };
