// Rooms (XEP-0045) of the running program with real clients: three people on slixmpp make one, configure it, invite, speak,
// whisper, rename, are kicked and banned; it outlives a restart; somebody comes in from profanity.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareOnesoup } from '../peers/onesoup.ts';
import { hasProfanity, startProfanity } from '../peers/profanity.ts';
import { hasSlixmpp } from '../peers/slixmpp.ts';
import { type Person, type PersonEvent, startPerson } from './person.ts';

const skip = hasSlixmpp() || process.env['CI'] ? false : 'python3-slixmpp is not installed';
const withoutProfanity = skip || hasProfanity() || process.env['CI'] ? skip : 'profanity or tmux is not installed';

const room = 'tea@conference.home.test';
const password = 'secret soup';

const the = (events: readonly PersonEvent[], name: string): PersonEvent => {
  const found = events.find(({ event }) => event === name);
  assert(found, `${name} in ${JSON.stringify(events)}`);
  return found;
};

test('slixmpp: a room is made, configured, lived in, and is there after a restart', { skip }, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  const start = async (name: string, resource = 'desk'): Promise<Person> => {
    const person = await startPerson(`${name}@home.test/${resource}`, password, onesoup.ports.c2s);
    t.after(() => person.kill());
    return person;
  };
  for (const name of ['ann', 'bob', 'cid']) await onesoup.addUser(name, password);
  let ann = await start('ann');
  const bob = await start('bob');
  const cid = await start('cid');

  // Made and configured.
  const made = the(await ann.do({ do: 'enter', room, nick: 'Ann' }), 'entered');
  assert.deepEqual(made['codes'], [110, 201]);
  await assert.rejects(bob.do({ do: 'enter', room, nick: 'Bob' }), /item-not-found/);
  const values = {
    'muc#roomconfig_roomname': 'Tea room',
    'muc#roomconfig_persistentroom': true,
    'muc#roomconfig_passwordprotectedroom': true,
    'muc#roomconfig_roomsecret': 'samovar',
    'muc#roomconfig_whois': 'anyone',
  };
  await ann.do({ do: 'configure', room, values });
  const config = the(await ann.do({ do: 'config', room }), 'config')['values'] as Record<string, unknown>;
  for (const [name, value] of Object.entries(values)) assert.deepEqual(config[name], value, name);
  assert.deepEqual(config['muc#roomconfig_roomowners'], ['ann@home.test']);
  const { features, names } = the(await bob.do({ do: 'features', room }), 'features') as unknown as {
    features: string[];
    names: string[];
  };
  for (const one of [
    'muc_persistent',
    'muc_passwordprotected',
    'muc_nonanonymous',
    'muc_open',
    'urn:xmpp:occupant-id:0',
  ])
    assert(features.includes(one), one);
  assert.deepEqual(names, ['Tea room']);
  const rooms = the(await bob.do({ do: 'rooms', service: 'conference.home.test' }), 'rooms');
  assert.deepEqual(rooms['rooms'], [[room, 'Tea room']]);

  // Invited, and in.
  await ann.do({ do: 'invite', room, jid: 'bob@home.test', reason: 'sit down' });
  const invitation = await bob.sees('invited', { room });
  assert.deepEqual([invitation['by'], invitation['reason']], ['ann@home.test', 'sit down']);
  await ann.do({ do: 'invite', room, jid: 'cid@home.test', reason: 'you too' });
  await cid.sees('invited', { room });
  await cid.do({ do: 'decline', room, jid: 'ann@home.test', reason: 'busy' });
  await ann.sees('declined', { by: 'cid@home.test', reason: 'busy' });
  await assert.rejects(bob.do({ do: 'enter', room, nick: 'Bob' }), /not-authorized/);
  await assert.rejects(bob.do({ do: 'enter', room, nick: 'ann', password: 'samovar' }), /conflict/);
  const entered = the(await bob.do({ do: 'enter', room, nick: 'Bob', password: 'samovar' }), 'entered');
  assert.deepEqual(
    [entered['codes'], entered['occupants']],
    [
      [100, 110],
      ['Ann', 'Bob'],
    ],
  );
  const seen = await ann.sees('occupant', { nick: 'Bob', type: 'available' });
  assert.deepEqual([seen['jid'], seen['role'], seen['affiliation']], ['bob@home.test/desk', 'participant', 'none']);

  // Spoken.
  await bob.do({ do: 'say', room, id: 'first', body: 'what a nice room' });
  const said = await ann.sees('said', { body: 'what a nice room' });
  assert.deepEqual([said['from'], said['id'], said['stable'], said['delayed']], [`${room}/Bob`, 'first', true, false]);
  assert.equal(said['occupant'], seen['occupant']);
  await ann.do({ do: 'subject', room, text: 'Tea at five' });
  await bob.sees('subject', { text: 'Tea at five' });
  await bob.do({ do: 'subject', room, text: 'Beer at six' });
  await bob.sees('refused', { condition: 'forbidden' });
  await ann.do({ do: 'whisper', room, nick: 'Bob', body: 'there is cake' });
  assert.equal((await bob.sees('private', { body: 'there is cake' }))['from'], `${room}/Ann`);
  await bob.do({ do: 'nick', room, nick: 'Robert' });
  await ann.sees('occupant', { nick: 'Bob', type: 'unavailable', codes: [303] });
  assert.equal((await ann.sees('occupant', { nick: 'Robert' }))['occupant'], seen['occupant']);
  await bob.do({ do: 'ping', room, nick: 'Robert' });

  // Kicked, back, a member, banned.
  await assert.rejects(bob.do({ do: 'role', room, nick: 'Ann', role: 'none' }), /forbidden|not-allowed/);
  await ann.do({ do: 'role', room, nick: 'Robert', role: 'none', reason: 'crumbs' });
  await bob.sees('occupant', { nick: 'Robert', type: 'unavailable', codes: [110, 307] });
  const again = the(await bob.do({ do: 'enter', room, nick: 'Bob', password: 'samovar' }), 'entered');
  assert.deepEqual([again['subject'], again['history']], ['Tea at five', ['what a nice room']]);
  await ann.do({ do: 'affiliation', room, jid: 'bob@home.test', affiliation: 'member' });
  await bob.sees('occupant', { nick: 'Bob', affiliation: 'member' });
  await ann.do({ do: 'affiliation', room, jid: 'cid@home.test', affiliation: 'outcast', reason: 'no manners' });
  assert.deepEqual(the(await ann.do({ do: 'affiliations', room, affiliation: 'outcast' }), 'affiliations')['list'], [
    'cid@home.test',
  ]);
  assert.deepEqual(the(await ann.do({ do: 'roles', room, role: 'participant' }), 'roles')['list'], ['Bob']);
  await assert.rejects(cid.do({ do: 'enter', room, nick: 'Cid', password: 'samovar' }), /forbidden/);

  // In good order down, and up again: the room, its people's standing, its subject and what was said are there.
  await onesoup.stop();
  await bob.sees('occupant', { nick: 'Bob', type: 'unavailable', codes: [110, 332] });
  await ann.kill();
  await onesoup.start();
  ann = await start('ann', 'laptop');
  const back = the(await ann.do({ do: 'enter', room, nick: 'Ann', password: 'samovar' }), 'entered');
  assert.deepEqual(
    [back['codes'], back['subject'], back['history']],
    [[100, 110], 'Tea at five', ['what a nice room']],
  );
  assert.deepEqual(the(await ann.do({ do: 'affiliations', room, affiliation: 'member' }), 'affiliations')['list'], [
    'bob@home.test',
  ]);
  await ann.do({ do: 'destroy', room, reason: 'no tea left' });
  await ann.sees('occupant', { nick: 'Ann', type: 'unavailable' });
  assert.deepEqual(the(await ann.do({ do: 'rooms', service: 'conference.home.test' }), 'rooms')['rooms'], []);
});

test('kill -9: what was acknowledged in a persistent room is in its history', { skip }, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  await onesoup.addUser('ann', password);
  const ann = await startPerson('ann@home.test/desk', password, onesoup.ports.c2s);
  t.after(() => ann.kill());
  await ann.do({ do: 'enter', room, nick: 'Ann' });
  await ann.do({ do: 'configure', room, values: { 'muc#roomconfig_persistentroom': true } });
  for (let n = 0; n < 10; n++) await ann.do({ do: 'say', room, body: `message ${n}` });
  for (let n = 0; n < 10; n++) await ann.sees('said', { body: `message ${n}` });
  await onesoup.stop('SIGKILL');
  await ann.kill();
  await onesoup.start();
  const again = await startPerson('ann@home.test/again', password, onesoup.ports.c2s);
  t.after(() => again.kill());
  const back = the(await again.do({ do: 'enter', room, nick: 'Ann' }), 'entered');
  assert.deepEqual(
    back['history'],
    Array.from({ length: 10 }, (_, n) => `message ${n}`),
  );
});

test('profanity: somebody at a terminal makes a room, sets the subject, invites, and kicks', {
  skip: withoutProfanity,
}, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  for (const name of ['ann', 'bob']) await onesoup.addUser(name, password);
  const bob = await startPerson('bob@home.test/desk', password, onesoup.ports.c2s);
  t.after(() => bob.kill());
  const ann = await startProfanity('ann@home.test', password, onesoup.ports.c2s);
  t.after(() => ann.end());
  await ann.shows(/logged in successfully/);
  await ann.type(`/join ${room} nick Ann`);
  await ann.shows(/Room locked, requires configuration/);
  await ann.type('/room accept');
  await ann.shows(/unlocked|Room (configuration )?accepted/i);
  await ann.type('/invite send bob@home.test come in');
  await bob.sees('invited', { room, reason: 'come in' });
  await bob.do({ do: 'enter', room, nick: 'Bob' });
  await ann.shows(/Participants[^\n]*\n[^\n]*Bob/);
  await ann.type('/subject set Soup at noon');
  await bob.sees('subject', { text: 'Soup at noon' });
  await bob.do({ do: 'say', room, body: 'I bring the bread' });
  await ann.shows(/Bob: I bring the bread/);
  await ann.type('and I the soup');
  assert.equal((await bob.sees('said', { body: 'and I the soup' }))['from'], `${room}/Ann`);
  await ann.type('/kick Bob crumbs everywhere');
  await bob.sees('occupant', { nick: 'Bob', type: 'unavailable', codes: [110, 307] });
  await ann.shows(/Bob has been kicked from the room/);
});
