// A person on slixmpp in rooms; see person.py for what it understands.

import { startChild } from '../peers/child.ts';
import { Events } from '../peers/events.ts';

export type PersonEvent = { readonly event: string; readonly [field: string]: unknown };

export interface Person {
  readonly events: Events<PersonEvent>;
  /** Carries out an order; resolves with the events that came meanwhile, rejects with the condition of the refusal. */
  do(order: { readonly do: string; readonly [field: string]: unknown }): Promise<readonly PersonEvent[]>;
  /** The next event of that name, after those that were waited for before, that has all of these fields. */
  sees(event: string, fields?: Readonly<Record<string, unknown>>): Promise<PersonEvent>;
  kill(): Promise<void>;
}

/** Signs in; resolves when online. */
export const startPerson = async (jid: string, password: string, port: number): Promise<Person> => {
  const child = startChild('/usr/bin/python3', [
    new URL('person.py', import.meta.url).pathname,
    jid,
    password,
    String(port),
  ]);
  const events = new Events<PersonEvent>(jid);
  child.onLine((line) => {
    if (line.startsWith('{')) events.add(JSON.parse(line) as PersonEvent);
  });
  const has = (event: PersonEvent, fields: Readonly<Record<string, unknown>>): boolean =>
    Object.entries(fields).every(([name, value]) => JSON.stringify(event[name]) === JSON.stringify(value));
  let seen = 0;
  const person: Person = {
    events,
    async do(order) {
      const after = events.all.length;
      child.send(JSON.stringify(order));
      const end = await events.until(`${order.do} to be done`, ({ event }) => event === 'done' || event === 'failed', {
        after,
      });
      if (end.event === 'failed') throw new Error(String(end['condition']));
      return events.all.slice(after);
    },
    async sees(name, fields = {}) {
      const found = await events.until(
        `${name} ${JSON.stringify(fields)}`,
        (event) => event.event === name && has(event, fields),
        { after: seen },
      );
      seen = events.all.indexOf(found, seen) + 1;
      return found;
    },
    async kill() {
      await child.end('SIGKILL');
    },
  };
  try {
    await person.sees('online');
  } catch (cause) {
    await person.kill();
    throw new Error(`${jid} could not sign in; the client said:\n${child.output()}`, { cause });
  }
  return person;
};
