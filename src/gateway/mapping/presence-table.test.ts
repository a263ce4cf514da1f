import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import {
  type ContactPresence,
  foldContact,
  readEvent,
  readPresence,
  writeLocation,
  writeMood,
  writeNick,
} from './contact-presence.ts';
import { presenceDocument } from './document.ts';
import { codeOfError } from './error-codes.ts';
import { attributesOf, publishedOf } from './presence-table.ts';
import { joinWishes, namesOnly, updated, wishOf, withValues } from './sub-list.ts';

const phone = { notAvailableMeansAway: false };
const android = { notAvailableMeansAway: true };
const from = Jid.from('tomas@x/desk');
const all = () => true;

test('docs/presence-mapping.md is what the table says', () => {
  assert.equal(
    readFileSync(new URL('../../../docs/presence-mapping.md', import.meta.url), 'utf8'),
    presenceDocument(),
    'run: node scripts/generate-presence-mapping.ts',
  );
});

test('<show/> as UserAvailability, for phones and for Android', () => {
  for (const [show, usual, there] of [
    [undefined, 'AVAILABLE', 'AVAILABLE'],
    ['chat', 'AVAILABLE', 'AVAILABLE'],
    ['away', 'DISCREET', 'NOT_AVAILABLE'],
    ['xa', 'DISCREET', 'NOT_AVAILABLE'],
    ['dnd', 'DISCREET', 'DISCREET'],
  ] as const) {
    const contact: ContactPresence = { online: true, show };
    assert.equal(attributesOf(contact, phone).UserAvailability?.PresenceValue, usual);
    assert.equal(attributesOf(contact, android).UserAvailability?.PresenceValue, there);
  }
  assert.deepEqual(attributesOf({ online: false }, phone), {
    OnlineStatus: { PresenceValue: false },
    CommCap: { CommC: [{ Cap: 'IM', Status: 'CLOSED' }] },
    UserAvailability: { PresenceValue: 'NOT_AVAILABLE' },
  });
});

test('UserAvailability as <show/>', () => {
  const show = (PresenceValue: string, reader: typeof phone) =>
    publishedOf({ UserAvailability: { PresenceValue } }, reader, all).show;
  assert.deepEqual(
    ['AVAILABLE', 'DISCREET', 'NOT_AVAILABLE'].map((one) => show(one, phone)),
    [undefined, 'away', 'xa'],
  );
  assert.deepEqual(
    ['AVAILABLE', 'DISCREET', 'NOT_AVAILABLE'].map((one) => show(one, android)),
    [undefined, 'dnd', 'away'],
  );
});

test('a contact in full: presence, nick, mood, location, client', () => {
  const stanza = Stanza.make(
    { kind: 'presence', from },
    el('show', null, 'dnd'),
    el('status', null, 'mending nets'),
    el('priority', null, '5'),
    el('c', { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'n', ver: 'v' }),
    writeNick('Tompa'),
    writeMood('cheerful'),
    writeLocation({ lat: 12.60625, lon: -35.5, alt: 3.2, city: 'Kalmar', country: 'SE', text: 'on board' }),
  );
  const contact = foldContact([readPresence(stanza)], {}, (caps) => (caps === 'n#v' ? 'phone' : undefined));
  assert.deepEqual(attributesOf(contact, phone), {
    OnlineStatus: { PresenceValue: true },
    ClientInfo: { ClientType: 'MOBILE_PHONE' },
    GeoLocation: { Longitude: '35 30 0W', Latitude: '12 36 22.5N', Altitude: 3, Accuracy: undefined },
    Address: { Country: 'SE', City: 'Kalmar', Street: undefined, Building: undefined, NamedArea: undefined },
    FreeTextLocation: { PresenceValue: 'on board' },
    CommCap: { CommC: [{ Cap: 'IM', Status: 'OPEN' }] },
    UserAvailability: { PresenceValue: 'DISCREET' },
    StatusText: { PresenceValue: 'mending nets' },
    StatusMood: { PresenceValue: 'HAPPY' },
    Alias: { PresenceValue: 'Tompa' },
  });
});

test('what the phone publishes comes out where it belongs, as far as it may be shown', () => {
  const own = {
    ClientInfo: { ClientIMPriority: 7 },
    GeoLocation: { Longitude: '35 30 0W', Latitude: '12 36 22.5N', Altitude: 3 },
    Address: { City: 'Kalmar' },
    StatusText: { PresenceValue: 'på sjön' },
    StatusMood: { PresenceValue: 'IN_LOVE' },
    Alias: { PresenceValue: 'Mila' },
    PLMN: { PresenceValue: '24001' },
  };
  assert.deepEqual(publishedOf(own, phone, all), {
    priority: 7,
    location: { lat: 12.60625, lon: -35.5, alt: 3, city: 'Kalmar' },
    status: 'på sjön',
    mood: 'in_love',
    nick: 'Mila',
  });
  assert.deepEqual(
    publishedOf(own, phone, (name) => name === 'StatusText'),
    { priority: 0, status: 'på sjön' },
  );
});

test('of several clients the first in priority speaks, then the liveliest, then the last heard', () => {
  const of = (priority: number, show: 'away' | 'dnd' | undefined, status: string) => ({
    priority,
    show,
    status,
    caps: undefined,
  });
  const said = (...list: ReturnType<typeof of>[]) => foldContact(list, {}, () => undefined).status;
  assert.equal(said(of(1, 'away', 'a'), of(0, undefined, 'b')), 'a');
  assert.equal(said(of(0, 'away', 'a'), of(0, 'dnd', 'b')), 'b');
  assert.equal(said(of(0, 'dnd', 'a'), of(0, 'away', 'b')), 'a');
  assert.equal(said(of(0, undefined, 'a'), of(0, undefined, 'b')), 'b');
  assert.deepEqual(
    foldContact([], {}, () => undefined, 'gone fishing'),
    {
      online: false,
      show: undefined,
      status: 'gone fishing',
      nick: undefined,
      mood: undefined,
      location: undefined,
      device: undefined,
      pictures: undefined,
      devices: [],
    },
  );
});

test('personal events, set and taken back', () => {
  const event = (node: string, ...payload: Parameters<typeof el>[2][]) =>
    Stanza.make(
      { kind: 'message', type: 'headline', from: from.bare },
      el('event', { xmlns: 'http://jabber.org/protocol/pubsub#event' }, el('items', { node }, ...payload)),
    );
  const mood = 'http://jabber.org/protocol/mood';
  assert.deepEqual(readEvent(event(mood, el('item', { id: '1' }, writeMood('happy')))), { mood: 'happy' });
  assert.deepEqual(readEvent(event(mood, el('item', { id: '1' }, writeMood(undefined)))), { mood: null });
  assert.deepEqual(readEvent(event(mood, el('retract', { id: '1' }))), { mood: null });
  assert.equal(readEvent(event('urn:xmpp:microblog:0', el('item'))), undefined);
  assert.equal(
    foldContact(
      [readPresence(Stanza.make({ kind: 'presence', from }, writeNick('A')))],
      { nick: null },
      () => undefined,
    ).nick,
    undefined,
  );
});

test('wishes and values', () => {
  assert.equal(wishOf(undefined), undefined);
  assert.equal(wishOf({}), undefined);
  assert.deepEqual(wishOf({ StatusText: true, OnlineStatus: [true] }), ['OnlineStatus', 'StatusText']);
  assert.deepEqual(joinWishes(['StatusText'], ['OnlineStatus']), ['OnlineStatus', 'StatusText']);
  assert.equal(joinWishes(['StatusText'], undefined), undefined);
  assert.deepEqual(namesOnly(['OnlineStatus', 'Alias']), { OnlineStatus: [true], Alias: true });
  const seen = { OnlineStatus: { PresenceValue: true }, StatusText: { PresenceValue: 'x' } };
  assert.deepEqual(withValues(seen, ['OnlineStatus', 'Alias', 'PLMN'], '1.2'), {
    OnlineStatus: [{ Qualifier: true, PresenceValue: true }],
    Alias: { Qualifier: false },
  });
  assert.deepEqual(withValues({}, undefined, '1.2'), { OnlineStatus: [{ Qualifier: false }] });
  assert.deepEqual(withValues({ InfoLink: { Inf_link: [] } }, undefined, '1.1', true), {});
});

test('an update merges: Qualifier F and an attribute without a value withdraw', () => {
  const before = { StatusText: { PresenceValue: 'a' }, Alias: { PresenceValue: 'b' }, PLMN: { PresenceValue: 'c' } };
  const after = updated(before, {
    StatusText: { Qualifier: true, PresenceValue: 'new' },
    Alias: { Qualifier: false },
    PLMN: [{ Qualifier: true }],
    OnlineStatus: [
      { PresenceValue: false, ClientID: { URL: 'other' } },
      { PresenceValue: true, ClientID: { URL: 'mine' } },
    ],
  });
  assert.deepEqual(after, { StatusText: { PresenceValue: 'new' }, OnlineStatus: { PresenceValue: true } });
});

test('error stanzas as codes', () => {
  const message = Stanza.make({ kind: 'message', from });
  assert.deepEqual(codeOfError(message.error('remote-server-not-found', { text: 'no such server' })), {
    code: 516,
    text: 'no such server',
  });
  assert.deepEqual(codeOfError(message.error('item-not-found')), { code: 531, text: 'item-not-found' });
  assert.equal(codeOfError(Stanza.make({ kind: 'message', type: 'error' })).code, 410);
});
