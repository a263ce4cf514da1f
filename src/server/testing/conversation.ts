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
//   mila/desk receives within 1 hour                        time passes until the first of them is there
//   mila/desk receives nothing
//   mila/desk answers                                       the iq that it was asked by last: id and address are those
//   mila/desk answers everybody                             … all that it has not answered
//   anna/phone signs out
//   anna signs in as phone again                            the session before is "old anna/phone" from now on
//   anna/phone is ended: replaced                           the session was ended by the server
//   2 minutes pass
//
// Names without a domain are of home.test. There may be more servers, which federate with each other:
//
//   far.test is a server                                    tom@far.test signs in as desk: "tom@far.test/desk"
//   rooms.home.test has rooms                               a service of rooms beside home.test
//   odd.test is a scripted domain                           the script says what it sends ("odd.test sends") and receives
//   the link between home.test and far.test breaks          both sides know; "goes silent": neither does; "heals"
//   far.test restarts                                       in good order
//   far.test crashes, far.test is back                      a new process over what the store had
//   far.test's clock jumps 3 days ahead                     its wall clock; or "back"
//   mila believes to see tom@far.test                       it is in mila's roster only
//   tom@far.test is removed                                 the account

import assert from 'node:assert/strict';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { viewOf } from '../features/presence/view.ts';
import { emptyItem } from '../users/roster.ts';
import type { Client } from './client.ts';
import type { ScriptedDomain } from './scripted-domain.ts';
import { testDomain } from './server.ts';
import type { World } from './world.ts';

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
const unitMs = (unit: string): number => unitsMs[unit] ?? 0;

export const runConversation = async (script: string, world: World): Promise<void> => {
  const clients = new Map<string, Client>();
  const client = (name: string): Client => {
    const found = clients.get(name);
    if (!found) throw new SyntaxError(`${name} has not signed in`);
    return found;
  };
  const speaker = (name: string): Client | ScriptedDomain => world.scripted.get(name) ?? client(name);
  const signIn = (name: string, resource: string): Promise<Client> => world.serverOf(name).signIn(name, resource);

  const sentences: readonly (readonly [RegExp, (words: readonly string[], body: string) => void | Promise<void>])[] = [
    [/^(\S+) has rooms$/, ([domain = '']) => world.addRooms(domain)],
    [/^(\S+) has an account$/, ([who = '']) => world.serverOf(who).addAccount(who)],
    [/^(\S+) is removed$/, ([who = '']) => removeAccount(world, who)],
    [/^(\S+) and (\S+) are friends$/, ([one = '', other = '']) => befriend(world, one, other)],
    [/^(\S+) believes to see (\S+)$/, ([one = '', other = '']) => subscribe(world, one, other, 'to')],
    [
      /^(\S+) signs in as (\S+)$/,
      async ([who = '', resource = '']) => void clients.set(`${who}/${resource}`, await signIn(who, resource)),
    ],
    [
      /^(\S+) signs in as (\S+) again$/,
      async ([who = '', resource = '']) => {
        clients.set(`old ${who}/${resource}`, client(`${who}/${resource}`));
        clients.set(`${who}/${resource}`, await signIn(who, resource));
      },
    ],
    [
      /^(\S+) signs out$/,
      async ([who = '']) => {
        await client(who).link.close();
        await world.settle();
      },
    ],
    [/^(\S+) sends$/, ([who = ''], body) => speaker(who).sends(body)],
    [/^(\S+) receives$/, ([who = ''], body) => speaker(who).receives(body)],
    [
      /^(\S+) receives within (\d+) (second|minute|hour|day)s?$/,
      async ([who = '', count, unit = ''], body) => {
        await world.pass(Number(count) * unitMs(unit), () => speaker(who).received.length > 0);
        await speaker(who).receives(body);
      },
    ],
    [/^(\S+) receives in any order$/, ([who = ''], body) => speaker(who).receives(body, { anyOrder: true })],
    [/^(\S+) answers$/, ([who = ''], body) => speaker(who).answers(body)],
    [/^(\S+) answers everybody$/, ([who = ''], body) => client(who).answers(body, 'everybody')],
    [
      /^(\S+) receives nothing$/,
      async ([who = '']) => {
        await world.settle();
        assertNothing(who, speaker(who).received);
      },
    ],
    [
      /^((?:old )?\S+) is ended: (\S+)$/,
      ([who = '', reason], _) => assert.equal(client(who).ended?.reason, reason, `${who} is ended`),
    ],
    [/^(\d+) (second|minute|hour|day)s? passe?s?$/, ([count, unit = '']) => world.pass(Number(count) * unitMs(unit))],
    [/^(\S+) is a server$/, ([domain = '']) => world.addServer(domain)],
    [/^(\S+) is a scripted domain$/, ([domain = '']) => world.addScripted(domain)],
    [/^(\S+) restarts$/, ([domain = '']) => world.restart(domain)],
    [/^(\S+) crashes$/, ([domain = '']) => world.crash(domain)],
    [
      /^(\S+) is back$/,
      async ([domain = '']) => {
        world.back(domain);
        await world.settle();
      },
    ],
    [
      /^the link between (\S+) and (\S+) (breaks|heals|goes silent)$/,
      async ([one = '', other = '', what]) => {
        world.wires.change(one, other, what === 'breaks' ? 'broken' : what === 'heals' ? 'up' : 'silent');
        await world.settle();
      },
    ],
    [
      /^(\S+)'s clock jumps (\d+) (second|minute|hour|day)s? (ahead|back)$/,
      ([domain = '', count, unit = '', way]) =>
        world.clockOf(domain).jumpWall(Number(count) * unitMs(unit) * (way === 'back' ? -1 : 1)),
    ],
  ];
  const perform = async ({ text, body }: Step): Promise<void> => {
    for (const [pattern, act] of sentences) {
      const match = pattern.exec(text);
      if (match) return act(match.slice(1), body);
    }
    throw new SyntaxError(`not understood: ${text}`);
  };

  for (const step of parse(script)) {
    try {
      await perform(step);
    } catch (cause) {
      throw new Error(`line ${step.line}, "${step.text}": ${(cause as Error).message}`, { cause });
    }
  }
  await world.settle();
  for (const [name, { received }] of [...clients, ...world.scripted]) assertNothing(name, received);
};

const assertNothing = (name: string, received: readonly Stanza[]): void =>
  assert.deepEqual(
    received.map((one) => one.toXml()),
    [],
    `${name} received what the script does not mention`,
  );

const addressOf = (name: string): string => (name.includes('@') ? name : `${name}@${testDomain}`);

/** Mutual subscriptions, as if made long ago. */
const befriend = async (world: World, one: string, other: string): Promise<void> => {
  await subscribe(world, one, other, 'both');
  await subscribe(world, other, one, 'both');
};

/** What one side has in its roster, whatever the other has. Nothing where a script speaks for that side. */
const subscribe = async (world: World, name: string, other: string, subscription: 'to' | 'both'): Promise<void> => {
  const [account, contact] = [addressOf(name), addressOf(other)];
  if (!world.isServed(account)) return;
  const server = world.serverOf(account);
  await server.addAccount(account);
  await server.store.rosters.set(account, contact, { ...emptyItem(contact), subscription, listed: true });
  const host = server.hosts.get(Jid.from(account).domain);
  if (host) viewOf(host).expect(account, contact);
};

const removeAccount = async (world: World, name: string): Promise<void> => {
  const account = Jid.from(addressOf(name));
  const removed = await world.serverOf(name).accounts(account.domain).remove(account);
  assert(removed.ok, `${account} is removed`);
  await world.settle();
};
