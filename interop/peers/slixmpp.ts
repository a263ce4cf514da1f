// The friend: a person on an ordinary XMPP client, python3-slixmpp from Debian.

import { existsSync } from 'node:fs';
import { startChild } from './child.ts';
import { Events } from './events.ts';

export type FriendEvent = { readonly event: string; readonly [field: string]: unknown };

export interface Friend {
  /** What the client printed, its own complaints included. */
  output(): string;
  readonly events: Events<FriendEvent>;
  /** Carries out one order (see slixmpp-friend.py) and waits until it is done. */
  do(order: { readonly do: string; readonly [field: string]: unknown }): Promise<void>;
  quit(): Promise<void>;
  kill(): Promise<void>;
}

/** Debian's interpreter: only it sees the Debian package. */
const python = '/usr/bin/python3';
export const hasSlixmpp = (): boolean => existsSync('/usr/lib/python3/dist-packages/slixmpp');

/** Signs in; resolves when the friend is online. */
export const startFriend = async (
  jid: string,
  password: string,
  port: number,
  /** Whether it wants moods, nicknames and avatars (XEP-0163). */
  { pep = false, host = '127.0.0.1' } = {},
): Promise<Friend> => {
  const script = new URL('slixmpp-friend.py', import.meta.url).pathname;
  const child = startChild(python, [script, jid, password, host, String(port), ...(pep ? ['pep'] : [])]);
  const events = new Events<FriendEvent>(jid);
  child.onLine((line) => {
    if (line.startsWith('{')) events.add(JSON.parse(line) as FriendEvent);
  });
  const friend: Friend = {
    output: () => child.output(),
    events,
    async do(order) {
      const after = events.all.length;
      child.send(JSON.stringify(order));
      const end = await events.until(`${order.do} to be done`, ({ event }) => event === 'done' || event === 'failed', {
        after,
      });
      if (end.event === 'failed') throw new Error(`${jid} could not ${order.do}: ${String(end['error'])}`);
    },
    async quit() {
      child.send(JSON.stringify({ do: 'quit' }));
      await events.until('the end', ({ event }) => event === 'quit' || event === 'disconnected', { withinMs: 5000 });
      await child.end();
    },
    async kill() {
      await child.end('SIGKILL');
    },
  };
  try {
    const first = await events.until('being online', ({ event }) => event === 'online' || event === 'failed_auth');
    if (first.event === 'failed_auth') throw new Error(`${jid}: wrong password`);
  } catch (cause) {
    await child.end('SIGKILL');
    throw new Error(`${jid} could not sign in; the client said:\n${child.output()}`, { cause });
  }
  return friend;
};
