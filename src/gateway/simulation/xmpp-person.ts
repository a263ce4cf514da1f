// Somebody on an ordinary XMPP client of the same servers: says things, reads, changes presence, loses the connection when
// the server goes down and comes back.

import { el, textOf } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Link, LinkReceiver } from '../../xmpp/link.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import type { Chance } from './chance.ts';
import type { Person, Truth } from './people.ts';
import { inviteNote } from './phone-person.ts';
import type { Place } from './place.ts';
import { type Stage, sleep } from './stage.ts';

export class XmppPerson implements Person {
  readonly name: string;
  readonly jid: Jid;
  readonly place: Place;
  readonly contacts: Person[] = [];
  readonly hasOneDevice = true;
  readonly #stage: Stage;
  readonly #chance: Chance;
  #link: Link | undefined;
  #status: string | undefined;
  #wantsOnline = true;

  constructor(stage: Stage, place: Place, name: string) {
    this.#stage = stage;
    this.#chance = stage.chance.fork();
    this.place = place;
    this.name = name;
    this.jid = Jid.from(name);
  }

  get truth(): Truth {
    const isOnline = this.#link !== undefined;
    return { isOnline, status: isOnline ? this.#status : undefined, isUnsure: false };
  }

  /** Until the simulation is over. */
  async live(): Promise<void> {
    const stage = this.#stage;
    const chance = this.#chance;
    await sleep(stage, chance.between(0, 600_000));
    while (!stage.isOver) {
      if (stage.isHomecoming) this.#wantsOnline = true;
      if (this.#wantsOnline && !this.#link) await this.#connect();
      else if (stage.isBusy) await this.#act();
      await sleep(stage, this.#link || !this.#wantsOnline ? chance.wait(stage.paceMs) : chance.between(1_000, 20_000));
    }
    await this.#link?.close();
  }

  async #act(): Promise<void> {
    const chance = this.#chance;
    if (!this.#link) {
      this.#wantsOnline = chance.is(0.5);
      return;
    }
    switch (chance.weighted({ say: 10, presence: 2, leave: 1 })) {
      case 'say':
        return this.#say();
      case 'presence':
        this.#status = `${this.jid.local} ${chance.below(100_000)}`;
        return this.#publish(this.#link);
      case 'leave': {
        const link = this.#link;
        this.#wantsOnline = false;
        this.#link = undefined;
        this.#stage.tell(this.name, 'signs out');
        return link.close();
      }
    }
  }

  async #connect(): Promise<void> {
    const { place } = this;
    const { running } = place;
    const provider = running?.server.links.find(({ domain }) => domain === this.jid.domain);
    if (!running || !provider) return;
    const { life } = running;
    const isMine = (): boolean => !life.isOver;
    const receiver: LinkReceiver = {
      stanza: (stanza) => (isMine() ? this.#heard(stanza) : new Promise(() => {})),
      closed: () => {
        if (this.#link === link) this.#link = undefined;
      },
    };
    let link: Link | undefined;
    const request = { account: this.jid, resource: 'desk', credentials: { kind: 'trusted' } } as const;
    const opened = await Promise.race([provider.open(request, receiver), death(place)]);
    if (!opened) return;
    if (!opened.ok) {
      this.#stage.ledger.wrong(`${this.name} could not sign in: ${opened.fault.reason}`, [this.name]);
      return;
    }
    link = opened.value;
    if (life.isOver) return;
    this.#link = link;
    const unwatch = place.watch(() => {
      unwatch();
      if (this.#link === link) this.#link = undefined;
    });
    this.#stage.tell(this.name, 'signs in');
    await this.#send(
      link,
      Stanza.make({ kind: 'iq', type: 'get', id: 'roster' }, el('query', { xmlns: 'jabber:iq:roster' })),
    );
    await this.#publish(link);
  }

  async #publish(link: Link): Promise<void> {
    this.#stage.tell(this.name, `presence '${this.#status}'`);
    await this.#send(
      link,
      Stanza.make({ kind: 'presence' }, this.#status === undefined ? undefined : el('status', null, this.#status)),
    );
  }

  async #say(): Promise<void> {
    const { ledger, tell } = this.#stage;
    const chance = this.#chance;
    const link = this.#link;
    if (!link || this.contacts.length === 0) return;
    const to = chance.pick(this.contacts);
    const sending = ledger.next(this.name, to.name);
    tell(this.name, `says '${sending.text}'`);
    const id = `x${chance.below(2 ** 31).toString(36)}`;
    ledger.named(sending, id);
    const stanza = Stanza.make({ kind: 'message', type: 'chat', id, to: to.jid }, el('body', null, sending.text));
    if (await this.#send(link, stanza)) {
      ledger.acknowledged(sending, id);
      tell(this.name, `'${sending.text}' is taken`);
    }
  }

  /** Whether the server has it. */
  async #send(link: Link, stanza: Stanza): Promise<boolean> {
    const isTaken = await Promise.race([
      link.send(stanza).then(
        () => true,
        () => false,
      ),
      death(this.place),
    ]);
    return isTaken === true;
  }

  #heard(stanza: Stanza): void {
    const { ledger, tell } = this.#stage;
    if (stanza.kind === 'iq' && (stanza.type === 'get' || stanza.type === 'set')) {
      const answer = stanza.type === 'set' ? stanza.result() : stanza.error('service-unavailable');
      void this.#link?.send(answer.with({ from: undefined })).catch(() => {});
    }
    if (stanza.kind !== 'message') return;
    if (stanza.type === 'error') {
      tell(this.name, `message ${stanza.id} came back`);
      ledger.reported(this.name, stanza.id ?? '', 500);
      return;
    }
    const received = stanza.child('received', 'urn:xmpp:receipts');
    if (received) return;
    const body = stanza.child('body');
    if (!body) return;
    const text = textOf(body);
    if (text.includes(inviteNote)) return;
    tell(this.name, `sees '${text}'`);
    ledger.shown(this.name, this.name, text, stanza.id ?? '');
    if (stanza.has('request', 'urn:xmpp:receipts') && stanza.from) {
      const receipt = el('received', { xmlns: 'urn:xmpp:receipts', id: stanza.id });
      void this.#link
        ?.send(Stanza.make({ kind: 'message', id: `r${text}`, to: stanza.from, type: 'chat' }, receipt))
        .catch(() => {});
    }
  }
}

/** Resolves when the process is gone. */
const death = (place: Place): Promise<undefined> =>
  new Promise((resolve) => {
    if (!place.running) return resolve(undefined);
    const unwatch = place.watch(() => {
      unwatch();
      resolve(undefined);
    });
  });
