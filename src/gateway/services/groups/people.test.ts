import assert from 'node:assert/strict';
import { test } from 'node:test';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { SessionView } from '../../session-view.ts';
import { type Occupant, readRoomPresence } from './muc.ts';
import { joinedList, mapLists } from './people.ts';
import type { Room } from './rooms.ts';

const occupant = (nick: string, jid?: string): Occupant => ({
  nick,
  jid: jid === undefined ? undefined : Jid.from(jid),
  affiliation: 'none',
  role: 'participant',
});
const roomOf = (...occupants: Occupant[]): Room =>
  ({
    id: 'wv:/boats@rooms.home.test',
    nick: 'Mila',
    occupants: new Map(occupants.map((one) => [one.nick, one])),
  }) as unknown as Room;

test('every mapping has a UserID, or none: Nokia S60 reads both as lists that end at the first gap', () => {
  const mappings = (...occupants: Occupant[]) => {
    const lists = mapLists(roomOf(...occupants));
    return 'UserMapList' in lists ? lists.UserMapList.UserMapping?.Mapping : assert.fail('an administrator');
  };
  assert.deepEqual(mappings(occupant('Mila', 'mila@home.test'), occupant('Tom', 'tom@home.test')), [
    { SName: 'Mila', UserID: 'wv:mila@home.test' },
    { SName: 'Tom', UserID: 'wv:tom@home.test' },
  ]);
  assert.deepEqual(mappings(occupant('Mila', 'mila@home.test'), occupant('Tom')), [
    { SName: 'Mila' },
    { SName: 'Tom' },
  ]);
});

test('Android gets no UserMapList when it joins: it takes its direct children for mappings', () => {
  const session = { version: '1.2', personality: { flatUserMapList: true } } as unknown as SessionView;
  assert.deepEqual(joinedList(session, roomOf(occupant('Mila'))), {});
});

test('one’s own presence is known by its name where 110 is left out', () => {
  const presence = (nick: string) =>
    readRoomPresence(
      Stanza.make(
        { kind: 'presence', from: Jid.from(`#boats@irc.home.test/${nick}`) },
        el(
          'x',
          { xmlns: 'http://jabber.org/protocol/muc#user' },
          el('item', { affiliation: 'none', role: 'participant' }),
        ),
      ),
      'Mila',
    );
  assert.deepEqual([presence('Mila')?.isOwn, presence('Tom')?.isOwn], [true, false]);
});
