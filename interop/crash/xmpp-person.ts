// Somebody with an XMPP client: several messages on their way at once, each acknowledged by XEP-0198. After a crash of the
// server the client signs in anew and sends again, under the same ids and in order, whatever was not acknowledged.

import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { el, textOf } from '../../src/xml/element.ts';
import { XmppClient } from '../../src/xmpp/client/client.ts';
import type { ServerAddress } from '../../src/xmpp/client/options.ts';
import { Jid } from '../../src/xmpp/jid.ts';
import { Stanza } from '../../src/xmpp/stanza.ts';
import type { Ledger, Message } from './ledger.ts';

const unackedMax = 8;

export class XmppPerson {
  readonly name: string;
  /** Times the client signed in. */
  signIns = 0;
  readonly #ledger: Ledger;
  readonly #server: ServerAddress;
  readonly #password: string;
  readonly #unacked = new Map<Message, Stanza>();
  #client: XmppClient | undefined;
  #isOver = false;

  constructor(name: string, server: ServerAddress, password: string, ledger: Ledger) {
    this.name = name;
    this.#server = server;
    this.#password = password;
    this.#ledger = ledger;
  }

  /** Keeps trying until it is in. */
  async signIn(): Promise<void> {
    while (!this.#isOver) {
      const opened = await XmppClient.open(
        {
          server: this.#server,
          account: Jid.from(`${this.name}@${this.#server.domain}`),
          password: this.#password,
          resource: 'desk',
          clock: systemClock,
          random: systemRandom,
          log: silentLog,
          limits: { retryMs: 200, retryMsMax: 800, connectMs: 5000 },
        },
        {
          stanza: (stanza) => this.#arrived(stanza),
          closed: ({ reason, text }) => {
            this.#client = undefined;
            if (this.#isOver) return;
            if (reason !== 'lost') this.#ledger.wrong(`${this.name} was ${reason}: ${text}`);
            void this.signIn();
          },
        },
      );
      if (opened.ok) return this.#isOver ? opened.value.close() : this.#goOn(opened.value);
      if (opened.fault.reason !== 'unreachable' && opened.fault.reason !== 'refused')
        this.#ledger.wrong(`${this.name} was not let in: ${opened.fault.reason} ${opened.fault.text}`);
      await sleep(150 + systemRandom.fraction() * 200);
    }
  }

  get isIdle(): boolean {
    return this.#unacked.size === 0;
  }

  /** Nothing is sent while the server owes many acknowledgements: then it returns false. */
  send(recipient: string): boolean {
    if (this.#unacked.size >= unackedMax) return false;
    const message = this.#ledger.next(this.name, recipient);
    const to = Jid.from(`${recipient}@${this.#server.domain}`);
    const id = systemRandom.id(12);
    const stanza = Stanza.make({ kind: 'message', type: 'chat', id, to }, el('body', null, message.text));
    this.#unacked.set(message, stanza);
    if (this.#client) this.#transmit(this.#client, message, stanza);
    return true;
  }

  async signOut(): Promise<void> {
    this.#isOver = true;
    await this.#client?.close();
  }

  #goOn(client: XmppClient): void {
    this.signIns++;
    if (!client.isManaged) this.#ledger.wrong(`${this.name} got no stream management`);
    this.#client = client;
    client.send(Stanza.make({ kind: 'presence' })).catch(() => {
      // The connection broke: the next one says it again.
    });
    for (const [message, stanza] of this.#unacked) {
      message.wasRepeated = true;
      this.#transmit(client, message, stanza);
    }
  }

  #transmit(client: XmppClient, message: Message, stanza: Stanza): void {
    client.send(stanza).then(
      () => {
        message.isAcknowledged = true;
        this.#unacked.delete(message);
      },
      () => {
        // Not known to have arrived: it goes again by the next connection.
      },
    );
  }

  #arrived(stanza: Stanza): void {
    if (stanza.kind !== 'message') return;
    const body = stanza.child('body');
    if (stanza.type === 'error') this.#ledger.wrong(`${this.name} got an error back: ${stanza.toXml()}`);
    else if (body && stanza.from?.local !== undefined)
      this.#ledger.shown(this.name, stanza.from.local, textOf(body), stanza.id);
  }
}
