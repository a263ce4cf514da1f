// What two people on two servers do together: each step says who did it and waits for the other to see it.

import assert from 'node:assert/strict';
import type { Friend, FriendEvent } from '../peers/slixmpp.ts';

export interface Person {
  readonly jid: string;
  readonly client: Friend;
}

const isFrom = (jid: string) => (event: FriendEvent) => `${String(event['from'])}/`.startsWith(`${jid}/`);

/** What it does, and where in a person's events what follows from it begins. */
const mark = (person: Person): number => person.client.events.all.length;

export const sees = (
  who: Person,
  what: string,
  of: Person,
  wanted: (event: FriendEvent) => boolean,
  after = 0,
  withinMs = 30_000,
) =>
  who.client.events.until(`${what} of ${of.jid}`, (event) => isFrom(of.jid)(event) && wanted(event), {
    after,
    withinMs,
  });

/** One asks to see the other and is let in, RFC 6121 §3.1; the other's presence follows. */
export const subscribe = async (one: Person, other: Person): Promise<void> => {
  const start = mark(one);
  await one.client.do({ do: 'subscribe', to: other.jid });
  await sees(other, 'the request', one, ({ event }) => event === 'subscribe');
  await other.client.do({ do: 'subscribed', to: one.jid });
  await sees(one, 'the approval', other, ({ event }) => event === 'subscribed');
  await sees(one, 'the presence', other, ({ event, type }) => event === 'saw' && type === 'available', start);
};

let lastText = 0;

/** A message arrives, once, with a text nobody else sends. */
export const say = async (one: Person, other: Person): Promise<void> => {
  const body = `${one.jid} says ${++lastText} <&> "grüße" ☕`;
  await one.client.do({ do: 'message', to: other.jid, body });
  await sees(other, 'the message', one, (event) => event.event === 'message' && event['body'] === body);
};

export const showsAs = async (one: Person, show: string, status: string, ...others: Person[]): Promise<void> => {
  await one.client.do({ do: 'presence', show, status });
  for (const other of others)
    await sees(other, status, one, (e) => e.event === 'presence' && e['show'] === show && e['status'] === status);
};

export const mood = async (one: Person, value: string, ...others: Person[]): Promise<void> => {
  await one.client.do({ do: 'mood', value });
  for (const other of others)
    await sees(other, 'the mood', one, (e) => e.event === 'user_mood_publish' && e['value'] === value);
};

/** A message and a request to nobody come back with the right error; `condition` is one of these. */
export const refused = async (
  one: Person,
  to: string,
  conditions: readonly string[],
  withinMs = 30_000,
): Promise<void> => {
  const id = `refused-${++lastText}`;
  await one.client.do({ do: 'message', to, body: 'anybody there?', id });
  const error = await one.client.events.until(
    `the error from ${to}`,
    (event) => event.event === 'refused' && event['id'] === id,
    { withinMs },
  );
  assert.ok(conditions.includes(String(error['condition'])), `${to}: ${String(error['condition'])}`);
  assert.equal(String(error['from']), to);
};

/** Nobody was shown a message twice. */
export const nothingTwice = (...people: Person[]): void => {
  for (const { jid, client } of people) {
    const bodies = client.events.all.filter(({ event }) => event === 'message').map((event) => event['body']);
    assert.equal(new Set(bodies).size, bodies.length, `${jid} was shown something twice: ${bodies.join('\n')}`);
  }
};

/** A room that `owner`'s server serves: the guest from elsewhere comes, both talk, the guest goes. */
export const meetInRoom = async (room: string, owner: Person, guest: Person): Promise<void> => {
  const inside = (who: Person, nick: string, type: string) =>
    who.client.events.until(`${nick} ${type} in ${room}`, (event) => {
      return event.event === 'saw' && event['from'] === `${room}/${nick}` && event['type'] === type;
    });
  const hears = (who: Person, nick: string, body: string) =>
    who.client.events.until(`${nick}'s word in ${room}`, (event) => {
      return event.event === 'message' && event['from'] === `${room}/${nick}` && event['body'] === body;
    });
  await owner.client.do({ do: 'join', to: room, nick: 'owner' });
  const joined = await inside(owner, 'owner', 'available');
  if ((joined['codes'] as string[]).includes('201')) await owner.client.do({ do: 'unlock', to: room });
  await guest.client.do({ do: 'join', to: room, nick: 'guest' });
  await inside(guest, 'owner', 'available');
  await inside(guest, 'guest', 'available');
  await inside(owner, 'guest', 'available');
  for (const [who, nick] of [
    [owner, 'owner'],
    [guest, 'guest'],
  ] as const) {
    const body = `${nick} in ${room}, ${++lastText}`;
    await who.client.do({ do: 'message', to: room, type: 'groupchat', body });
    await hears(owner, nick, body);
    await hears(guest, nick, body);
  }
  await guest.client.do({ do: 'leave', to: room, nick: 'guest' });
  await inside(owner, 'guest', 'unavailable');
};
