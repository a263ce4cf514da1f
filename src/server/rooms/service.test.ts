// The service around the rooms: what is acknowledged is stored, a slow store holds up its own room only, limits have their
// answers, nothing stays in memory for nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RoomStore, Store } from '../../store/store.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { type Client, xml } from '../testing/client.ts';
import { testRooms } from '../testing/rooms.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import type { Rooms, RoomsOptions } from './service.ts';

const muc = "<x xmlns='http://jabber.org/protocol/muc'/>";
const submit = (room: string, fields = ''): string =>
  `<iq type='set' id='c' to='${room}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>${fields}</x></query></iq>`;
const on = (name: string, value = '1'): string => `<field var='muc#roomconfig_${name}'><value>${value}</value></field>`;
const say = (room: string, text: string): string =>
  `<message type='groupchat' to='${room}'><body>${text}</body></message>`;

const stanzaOf = (text: string): Stanza => {
  const [element] = xml(text);
  assert(element);
  return stanzaFromElement(element);
};

interface Stage {
  readonly server: TestServer;
  readonly rooms: Rooms;
  readonly faults: { isBroken: boolean; readonly gates: Map<string, Promise<void>> };
  enter(client: Client, room: string, nick: string): Promise<void>;
  /** Makes a room; the client is in it. */
  make(client: Client, room: string, fields?: string): Promise<void>;
}

/** The rooms' store fails, or waits, when the test says so. */
const guarded = (store: Store, faults: Stage['faults']): Store => {
  const guard =
    <Rest extends unknown[], Result>(work: (room: string, ...rest: Rest) => Promise<Result>) =>
    async (room: string, ...rest: Rest): Promise<Result> => {
      await faults.gates.get(room);
      if (faults.isBroken) throw new Error('the disk is full');
      return work(room, ...rest);
    };
  const wrap = (rooms: RoomStore): RoomStore => ({
    ...rooms,
    addMessage: guard(rooms.addMessage),
    affiliate: guard(rooms.affiliate),
    get: guard(rooms.get),
  });
  return {
    ...store,
    rooms: wrap(store.rooms),
    together: (work) => store.together((inside) => work({ ...inside, rooms: wrap(inside.rooms) })),
  };
};

const staged = async (options: Partial<RoomsOptions>, play: (stage: Stage) => Promise<void>): Promise<void> => {
  const server = testServer();
  const faults: Stage['faults'] = { isBroken: false, gates: new Map() };
  const rooms = await testRooms(server, { ...options, store: guarded(server.store, faults) });
  const enter = async (client: Client, room: string, nick: string): Promise<void> => {
    await client.sends(`<presence to='${room}/${nick}'>${muc}</presence>`);
    await server.settle();
  };
  try {
    await play({
      server,
      rooms,
      faults,
      enter,
      async make(client, room, fields) {
        await enter(client, room, 'Maker');
        await client.sends(submit(room, fields));
        await server.settle();
        client.received.length = 0;
      },
    });
  } finally {
    await rooms.close();
    await server.close();
  }
};

const tea = 'tea@rooms.home.test';
const beer = 'beer@rooms.home.test';
const errorsOf = (client: Client): string[] =>
  client.received.filter(({ type }) => type === 'error').map((one) => one.toXml());

test('a message is acknowledged when it is stored, and only then do others see it; rooms do not wait for each other', () =>
  staged({}, async ({ server, faults, make }) => {
    const anna = await server.signIn('anna');
    await make(anna, tea, on('persistentroom'));
    await make(anna, beer, on('persistentroom'));
    let open = (): void => {};
    faults.gates.set(tea, new Promise((resolve) => (open = resolve)));
    let acknowledged = 0;
    const sending = ['one', 'two'].map((text) =>
      anna.link.send(stanzaOf(say(tea, text))).then(() => {
        acknowledged++;
      }),
    );
    await server.settle();
    assert.equal(acknowledged, 0);
    assert.equal(anna.received.length, 0);
    // The other room is not held up.
    await anna.sends(say(beer, 'three'));
    await server.settle();
    assert.deepEqual(
      anna.received.splice(0).map((one) => one.child('body')?.children.join('')),
      ['three'],
    );
    open();
    await Promise.all(sending);
    await server.settle();
    assert.equal(acknowledged, 2);
    assert.deepEqual(
      anna.received.map((one) => one.child('body')?.children.join('')),
      ['one', 'two'],
    );
    const kept = await server.store.rooms.messages(tea, { limit: 9 });
    assert.equal(kept.length, 2);
    assert.match(kept[0]?.stanza ?? '', /one/);
    assert.match(kept[0]?.stanza ?? '', new RegExp(`<stanza-id [^>]*id='${kept[0]?.id}'`));
  }));

test('what the store refuses has not happened, and whoever asked may try again', () =>
  staged({}, async ({ server, faults, make }) => {
    const anna = await server.signIn('anna');
    await make(anna, tea, on('persistentroom'));
    faults.isBroken = true;
    await anna.sends(say(tea, 'lost'));
    await anna.sends(
      `<iq type='set' id='b' to='${tea}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast' jid='tom@home.test'/></query></iq>`,
    );
    await server.settle();
    assert.equal(anna.received.length, 2);
    for (const error of errorsOf(anna)) assert.match(error, /type='wait'.*internal-server-error/);
    faults.isBroken = false;
    anna.received.length = 0;
    const tom = await server.signIn('tom');
    await tom.sends(`<presence to='${tea}/Tom'>${muc}</presence>`);
    await server.settle();
    assert.deepEqual(errorsOf(tom), []);
    assert(!tom.received.some((one) => one.has('body')), 'the lost message is not in the history');
  }));

test('a room that nobody is in is let go from memory and comes back as it was; a sweep leaves no timers', () =>
  staged({}, async ({ server, make, enter }) => {
    const { clock } = server;
    const anna = await server.signIn('anna');
    await make(anna, tea, on('persistentroom') + on('roomname', 'Tea'));
    await anna.sends(`<message type='groupchat' to='${tea}'><subject>at five</subject></message>`);
    const occupantId = anna.received.at(-1)?.child('occupant-id', 'urn:xmpp:occupant-id:0')?.attrs.id;
    await anna.sends(`<presence type='unavailable' to='${tea}/Maker'/>`);
    const armed = clock.armed;
    for (let i = 0; i < 5; i++) {
      clock.advance(60_000);
      await server.settle();
    }
    assert(clock.armed <= armed);
    anna.received.length = 0;
    await enter(anna, tea, 'Again');
    const self = anna.received.find(({ kind }) => kind === 'presence');
    assert.match(self?.toXml() ?? '', /affiliation='owner' role='moderator'.*code='110'/);
    assert.doesNotMatch(self?.toXml() ?? '', /code='201'/);
    // The same account is the same occupant, whatever its nickname (XEP-0421).
    assert.equal(self?.child('occupant-id', 'urn:xmpp:occupant-id:0')?.attrs.id, occupantId);
    assert.match(anna.received.at(-1)?.toXml() ?? '', /at five/);
  }));

test('who has the address next has no part in the rooms of who had it before', () =>
  staged({}, async ({ server, make, enter }) => {
    const anna = await server.signIn('anna');
    const mila = await server.signIn('mila');
    await make(anna, tea, on('persistentroom'));
    const item = (jid: string, affiliation: string): string =>
      `<iq type='set' id='i' to='${tea}'><query xmlns='http://jabber.org/protocol/muc#admin'><item jid='${jid}' affiliation='${affiliation}'/></query></iq>`;
    await anna.sends(item('mila@home.test', 'owner'));
    await anna.sends(item('tom@home.test', 'outcast'));
    await anna.link.close();
    // The room is in the Store only.
    for (let i = 0; i < 3; i++) {
      server.clock.advance(60_000);
      await server.settle();
    }
    for (const name of ['anna', 'tom']) {
      await server.addAccount(name);
      await server.accounts('home.test').remove(Jid.from(`${name}@home.test`));
      await server.settle();
    }
    const kept = await server.store.rooms.get(tea);
    assert.deepEqual(
      kept?.affiliations.map(({ jid, affiliation }) => [jid, affiliation]),
      [
        ['mila@home.test', 'owner'],
        // A ban is not got rid of so easily.
        ['tom@home.test', 'outcast'],
      ],
    );
    const another = await server.signIn('anna');
    await enter(another, tea, 'Anna');
    assert.match(another.received.at(0)?.toXml() ?? '', /affiliation='none'/);
    // With its last owner gone and nobody to follow, the room ends.
    await mila.link.close();
    await server.accounts('home.test').remove(Jid.from('mila@home.test'));
    await server.settle();
    assert.equal(await server.store.rooms.get(tea), undefined);
    assert.match(another.received.at(-1)?.toXml() ?? '', /type='unavailable'.*<destroy>/);
  }));

test('limits: rooms, occupants, sizes, nicknames, pace', () =>
  staged(
    {
      limits: {
        roomsMax: 3,
        roomsPerCreatorMax: 2,
        nickMax: 8,
        subjectMax: 20,
        messageMax: 1_000,
        presenceMax: 500,
        affiliationsMax: 3,
        messagesPerSecond: 1,
        messagesBurst: 10,
        presencesPerSecond: 1,
        presencesBurst: 5,
        sessionsPerNickMax: 2,
      },
    },
    async ({ server, make, enter }) => {
      const anna = await server.signIn('anna');
      const tom = await server.signIn('tom');
      const refused = async (client: Client, text: string, condition: string): Promise<void> => {
        server.clock.advance(60_000);
        await server.settle();
        client.received.length = 0;
        await client.sends(text);
        await server.settle();
        const [error = ''] = errorsOf(client);
        assert.match(error, new RegExp(`<${condition} `), `${text} should be ${condition}`);
      };
      await make(anna, tea);
      await make(anna, beer);
      await refused(anna, `<presence to='third@rooms.home.test/A'>${muc}</presence>`, 'resource-constraint');
      await make(tom, 'third@rooms.home.test');
      await refused(tom, `<presence to='fourth@rooms.home.test/A'>${muc}</presence>`, 'resource-constraint');
      await refused(tom, `<presence to='${tea}/much too long'>${muc}</presence>`, 'not-acceptable');
      await refused(tom, `<presence to='${tea}/ '>${muc}</presence>`, 'jid-malformed');
      await refused(
        tom,
        `<presence to='${tea}/Tom'><status>${'x'.repeat(500)}</status>${muc}</presence>`,
        'policy-violation',
      );
      await refused(anna, say(tea, 'x'.repeat(1_000)), 'policy-violation');
      await refused(
        anna,
        `<message type='groupchat' to='${tea}'><subject>${'x'.repeat(21)}</subject></message>`,
        'policy-violation',
      );
      const members = ['a', 'b', 'c'].map((name) => `<item affiliation='member' jid='${name}@b.test'/>`).join('');
      await refused(
        anna,
        `<iq type='set' id='m' to='${tea}'><query xmlns='http://jabber.org/protocol/muc#admin'>${members}</query></iq>`,
        'resource-constraint',
      );
      for (const resource of ['1', '2']) await enter(await server.signIn('tom', resource), tea, 'Tom');
      await refused(
        await server.signIn('tom', '3'),
        `<presence to='${tea}/Tom'>${muc}</presence>`,
        'resource-constraint',
      );

      // Too fast is too fast; whoever waits a little is heard again, and leaving is always possible.
      server.clock.advance(60_000);
      anna.received.length = 0;
      for (let i = 0; i < 15; i++) await anna.sends(say(tea, String(i)));
      await server.settle();
      const errors = errorsOf(anna);
      assert.equal(errors.length, 5);
      for (const error of errors) assert.match(error, /type='wait'.*resource-constraint/);
      server.clock.advance(1_000);
      anna.received.length = 0;
      await anna.sends(say(tea, 'slowly'));
      await server.settle();
      assert.deepEqual(errorsOf(anna), []);
      for (let i = 0; i < 6; i++) await anna.sends(`<presence to='${tea}/Maker'><status>${i}</status></presence>`);
      await server.settle();
      assert.equal(errorsOf(anna).length, 1);
      anna.received.length = 0;
      await anna.sends(`<presence type='unavailable' to='${tea}/Maker'/>`);
      await server.settle();
      assert.equal(anna.received.at(-1)?.type, 'unavailable');
    },
  ));

test('a domain of somebody else, which has any number of accounts, has a pace as well', async () => {
  const server = testServer();
  const said: Stanza[] = [];
  const tell = async (stanza: Stanza): Promise<void> => void said.push(stanza);
  const rooms = await testRooms(server, {
    server: { route: tell, broadcast: tell, hasAccounts: (domain) => domain === 'home.test' },
    limits: { requestsPerSecond: 1, requestsBurst: 2, accountsPerDomain: 3 },
  });
  const ask = (from: string): Promise<void> =>
    rooms.deliver(
      stanzaOf(
        `<iq type='get' id='i' from='${from}' to='${tea}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
      ),
    );
  const refused = (): number =>
    said.splice(0).filter((one) => one.type === 'error' && one.toXml().includes('resource-constraint')).length;
  for (let n = 0; n < 20; n++) await ask(`eve${n}@far.test/phone`);
  assert.equal(refused(), 14);
  await ask('bob@near.test/phone');
  assert.equal(refused(), 0, 'others are not to blame');
  for (let n = 0; n < 20; n++) await ask(`anna${n}@home.test/phone`);
  assert.equal(refused(), 0, 'our own accounts each stand for themselves');
  await rooms.close();
  await server.close();
});

test('who may make rooms is configured', async () => {
  for (const [create, local, remote] of [
    ['nobody', 'not-allowed', 'not-allowed'],
    ['local', '201', 'not-allowed'],
    ['anyone', '201', '201'],
  ] as const) {
    const server = testServer();
    const said: string[] = [];
    const tell = async (stanza: Stanza): Promise<void> => void said.push(stanza.toXml());
    const rooms = await testRooms(server, {
      create,
      server: { route: tell, broadcast: tell, hasAccounts: (domain) => domain === 'home.test' },
    });
    for (const [from, expected] of [
      ['anna@home.test/phone', local],
      ['eve@far.test/phone', remote],
    ] as const) {
      said.length = 0;
      await rooms.deliver(
        stanzaOf(`<presence from='${from}' to='${from.slice(0, 3)}@rooms.home.test/A'>${muc}</presence>`),
      );
      assert.match(said[0] ?? '', new RegExp(expected), `${create}: ${from}`);
    }
    await rooms.close();
    await server.close();
  }
});

test('nothing that anybody sends makes a room fail', () => {
  const name = fc.constantFrom(
    'x',
    'query',
    'item',
    'invite',
    'decline',
    'body',
    'subject',
    'error',
    'ping',
    'destroy',
    'field',
    'value',
    'set',
    'status',
  );
  const xmlns = fc.constantFrom(
    'jabber:client',
    'jabber:x:data',
    'jabber:iq:register',
    'urn:xmpp:ping',
    'http://jabber.org/protocol/muc',
    'http://jabber.org/protocol/muc#user',
    'http://jabber.org/protocol/muc#admin',
    'http://jabber.org/protocol/muc#owner',
    'http://jabber.org/protocol/disco#info',
    'http://jabber.org/protocol/disco#items',
    'http://jabber.org/protocol/rsm',
  );
  const attr = fc.constantFrom(
    '',
    " type='submit'",
    " type='form'",
    " affiliation='owner'",
    " affiliation='x'",
    " role='none'",
    " role='participant'",
    " nick='Maker'",
    " nick=''",
    " jid='a@b'",
    " jid='@'",
    " to='x@y'",
    " to=''",
    " var='FORM_TYPE'",
    " var='muc#roomconfig_roomowners'",
    " var='muc#register_roomnick'",
    " node='x-roomuser-item'",
  );
  const element = fc.letrec<{ element: string }>((tie) => ({
    element: fc
      .tuple(
        name,
        xmlns,
        attr,
        attr,
        fc.array(fc.oneof({ maxDepth: 3 }, fc.constantFrom('', 'text', '1'), tie('element')), { maxLength: 3 }),
      )
      .map(([name, xmlns, one, other, children]) => {
        const same = other.split('=')[0] === one.split('=')[0];
        return `<${name} xmlns='${xmlns}'${one}${same ? '' : other}>${children.join('')}</${name}>`;
      }),
  })).element;
  const stanza = fc
    .tuple(
      fc.constantFrom('message', 'presence', 'iq'),
      fc.constantFrom(
        'get',
        'set',
        'result',
        'error',
        'groupchat',
        'chat',
        'unavailable',
        'subscribe',
        'probe',
        'odd',
        '',
      ),
      fc.constantFrom(
        tea,
        `${tea}/Maker`,
        `${tea}/Tom`,
        'none@rooms.home.test',
        'none@rooms.home.test/x',
        'rooms.home.test',
        'rooms.home.test/x',
      ),
      fc.constantFrom('1', 'ping-1', 'info-', ''),
      fc.array(element, { maxLength: 2 }),
    )
    .map(([kind, type, to, id, children]) => {
      const attrs = `${type === '' ? '' : ` type='${type}'`}${id === '' ? '' : ` id='${id}'`}`;
      return `<${kind} to='${to}'${attrs}>${children.join('')}</${kind}>`;
    });
  return fc.assert(
    fc.asyncProperty(fc.array(stanza, { minLength: 20, maxLength: 60 }), async (stanzas) => {
      const failures: unknown[] = [];
      await staged(
        {
          limits: { messagesBurst: 1_000, presencesBurst: 1_000 },
        },
        async ({ server, make, rooms }) => {
          const anna = await server.signIn('anna');
          await make(anna, tea, on('persistentroom'));
          const tom = await server.signIn('tom');
          await tom.sends(`<presence to='${tea}/Tom'>${muc}</presence>`);
          for (const [n, text] of stanzas.entries()) await (n % 2 === 0 ? anna : tom).sends(text);
          await server.settle();
          for (const client of [anna, tom])
            for (const one of client.received)
              if (one.toXml().includes('internal-server-error')) failures.push(one.toXml());
          await rooms.settled();
        },
      );
      assert.deepEqual(failures, []);
    }),
    { numRuns: 25 },
  );
});
