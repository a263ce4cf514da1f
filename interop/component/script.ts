// A Python program on Debian's slixmpp that carries out orders, one JSON line each, and tells what happens to it.

import { startChild } from '../peers/child.ts';
import { Events } from '../peers/events.ts';

export type ScriptEvent = { readonly event: string; readonly [field: string]: unknown };

export interface Script {
  readonly events: Events<ScriptEvent>;
  /** Waits until the order is carried out; returns where in `events` its news begins. */
  do(order: { readonly do: string; readonly [field: string]: unknown }): Promise<number>;
  /** An event of that name whose fields are those given; see Events.until. */
  sees(event: string, fields?: object, after?: number): Promise<ScriptEvent>;
  output(): string;
  end(signal?: NodeJS.Signals): Promise<void>;
}

export const startScript = async (name: string, file: string, args: readonly string[]): Promise<Script> => {
  const child = startChild('/usr/bin/python3', [new URL(file, import.meta.url).pathname, ...args]);
  const events = new Events<ScriptEvent>(name);
  child.onLine((line) => {
    if (line.startsWith('{')) events.add(JSON.parse(line) as ScriptEvent);
  });
  const script: Script = {
    events,
    output: () => child.output(),
    async do(order) {
      const after = events.all.length;
      child.send(JSON.stringify(order));
      const isEnd = ({ event }: ScriptEvent): boolean => event === 'done' || event === 'failed';
      const end = await events.until(`${order.do} to be done`, isEnd, { after, withinMs: 20_000 });
      if (end.event === 'failed') throw new Error(`${name} could not ${order.do}: ${String(end['error'])}`);
      return after;
    },
    sees: (event, fields = {}, after = 0) =>
      events.until(
        `${event} ${JSON.stringify(fields)}`,
        (one) =>
          one.event === event &&
          Object.entries(fields).every(([field, value]) => JSON.stringify(one[field]) === JSON.stringify(value)),
        { after },
      ),
    async end(signal = 'SIGTERM') {
      await child.end(signal);
    },
  };
  try {
    const first = await events.until('being online', ({ event }) => event === 'online' || event === 'disconnected');
    if (first.event === 'disconnected') throw new Error(`${name} was thrown out`);
  } catch (cause) {
    await child.end('SIGKILL');
    throw new Error(`${name} did not come online; it said:\n${child.output()}`, { cause });
  }
  return script;
};
