// Runs a conversation written as plain text: named people, what each sends and receives, time passing. What a script does
// not mention must not happen: a stanza left unread at the end fails it.
//
//   # RFC 6121 §3.1: somebody asks to see somebody          comments; the first names the section
//   anna and mila are friends                               both see each other, before anybody signs in
//   anna signs in as phone                                  makes the account and opens a session: "anna/phone"
//   anna/phone sends                                        stanzas, indented; the next unindented line ends them
//     <presence/>
//   mila/desk receives                                      these stanzas next, in this order; '*' is any text
//   mila/desk receives in any order
//   mila/desk receives nothing
//   mila/desk answers                                       the iq that it was asked by last: id and address are those
//   anna/phone signs out
//   anna signs in as phone again                            the session before is "old anna/phone" from now on
//   anna/phone is ended: replaced                           the session was ended by the server
//   2 minutes pass

import assert from 'node:assert/strict';
import { emptyItem } from '../users/roster.ts';
import type { Client } from './client.ts';
import type { TestServer } from './server.ts';

interface Step {
  readonly line: number;
  readonly text: string;
  readonly body: string;
}

const parse = (script: string): Step[] => {
  const steps: { line: number; text: string; body: string }[] = [];
  for (const [index, line] of script.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const last = steps.at(-1);
    if (/^\s/.test(line)) {
      if (!last) throw new SyntaxError(`line ${index + 1}: nobody sends or receives this`);
      last.body += `${line}\n`;
    } else steps.push({ line: index + 1, text: line.trim(), body: '' });
  }
  return steps;
};

const unitsMs: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export const runConversation = async (script: string, server: TestServer): Promise<void> => {
  const clients = new Map<string, Client>();
  const client = (name: string): Client => {
    const found = clients.get(name);
    if (!found) throw new SyntaxError(`${name} has not signed in`);
    return found;
  };

  const perform = async ({ text, body }: Step): Promise<void> => {
    let match: RegExpMatchArray | null;
    if ((match = text.match(/^(\S+) has an account$/))) await server.addAccount(match[1] ?? '');
    else if ((match = text.match(/^(\S+) and (\S+) are friends$/)))
      await befriend(server, match[1] ?? '', match[2] ?? '');
    else if ((match = text.match(/^(\S+) signs in as (\S+)$/)))
      clients.set(`${match[1]}/${match[2]}`, await server.signIn(match[1] ?? '', match[2]));
    else if ((match = text.match(/^(\S+) signs in as (\S+) again$/))) {
      clients.set(`old ${match[1]}/${match[2]}`, client(`${match[1]}/${match[2]}`));
      clients.set(`${match[1]}/${match[2]}`, await server.signIn(match[1] ?? '', match[2]));
    } else if ((match = text.match(/^(\S+) signs out$/))) {
      await client(match[1] ?? '').link.close();
      await server.settle();
    } else if ((match = text.match(/^(\S+) sends$/))) await client(match[1] ?? '').sends(body);
    else if ((match = text.match(/^(\S+) receives$/))) await client(match[1] ?? '').receives(body);
    else if ((match = text.match(/^(\S+) receives in any order$/)))
      await client(match[1] ?? '').receives(body, { anyOrder: true });
    else if ((match = text.match(/^(\S+) answers$/))) await client(match[1] ?? '').answers(body);
    else if ((match = text.match(/^(\S+) receives nothing$/))) await client(match[1] ?? '').receivesNothing();
    else if ((match = text.match(/^((?:old )?\S+) is ended: (\S+)$/)))
      assert.equal(client(match[1] ?? '').ended?.reason, match[2], text);
    else if ((match = text.match(/^(\d+) (second|minute|hour|day)s? passe?s?$/))) {
      server.clock.advance(Number(match[1]) * (unitsMs[match[2] ?? ''] ?? 0));
      await server.settle();
    } else throw new SyntaxError(`not understood: ${text}`);
  };

  for (const step of parse(script)) {
    try {
      await perform(step);
    } catch (cause) {
      throw new Error(`line ${step.line}, "${step.text}": ${(cause as Error).message}`, { cause });
    }
  }
  await server.settle();
  for (const [name, { received }] of clients)
    assert.deepEqual(
      received.map((one) => one.toXml()),
      [],
      `${name} received what the script does not mention`,
    );
};

/** Mutual subscriptions, as if made long ago. */
const befriend = async (server: TestServer, one: string, other: string): Promise<void> => {
  await server.addAccount(one, other);
  const address = (name: string): string => (name.includes('@') ? name : `${name}@home.test`);
  for (const [user, contact] of [
    [address(one), address(other)],
    [address(other), address(one)],
  ] as const)
    await server.store.rosters.set(user, contact, { ...emptyItem(contact), subscription: 'both', listed: true });
};
