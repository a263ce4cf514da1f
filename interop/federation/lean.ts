// Many people at once: XMPP clients of ours in this process, for tests where a Python each would be too much.

import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { el } from '../../src/xml/element.ts';
import { XmppClient } from '../../src/xmpp/client/client.ts';
import { Jid } from '../../src/xmpp/jid.ts';
import { Stanza } from '../../src/xmpp/stanza.ts';

export interface Lean {
  readonly client: XmppClient;
  /** Everything that came, with the monotonic milliseconds of its arrival. */
  readonly came: { readonly stanza: Stanza; readonly at: number }[];
}

export interface Where {
  readonly host: string;
  readonly port: number;
}

/** Signed in, and not yet present. */
export const leanClient = async (jid: string, password: string, { host, port }: Where): Promise<Lean> => {
  const account = Jid.from(jid);
  const came: { stanza: Stanza; at: number }[] = [];
  const opened = await XmppClient.open(
    {
      server: { domain: account.domain, host, port, tls: 'required', insecure: true },
      account,
      password,
      resource: 'desk',
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    },
    {
      stanza: (stanza) => void came.push({ stanza, at: performance.now() }),
      // A connection that breaks shows in what does not come.
      closed: () => {},
    },
  );
  if (!opened.ok) throw new Error(`${jid} could not sign in: ${opened.fault.reason} ${opened.fault.text}`);
  // What becomes of subscriptions is told to who asked for the roster (RFC 6121 §2.1.3).
  await opened.value.send(
    Stanza.make({ kind: 'iq', type: 'get', id: 'roster' }, el('query', { xmlns: 'jabber:iq:roster' })),
  );
  return { client: opened.value, came };
};

export const isPresent = (): Stanza => Stanza.make({ kind: 'presence' });

/** The first that came, or comes within the time, and is wanted. */
export const comes = async ({ came }: Lean, what: string, wanted: (stanza: Stanza) => boolean): Promise<Stanza> => {
  for (const until = performance.now() + 30_000; performance.now() < until; await sleep(20)) {
    const found = came.find(({ stanza }) => wanted(stanza));
    if (found) return found.stanza;
  }
  throw new Error(`${what} did not come, but ${came.map(({ stanza }) => stanza.toXml()).join('\n')}`);
};
