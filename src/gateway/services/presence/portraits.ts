// What of a contact has to be fetched before a phone can be shown it: the picture (XEP-0084, XEP-0153) and the vCard (XEP-0292,
// XEP-0054). Fetched when the phone has named an attribute that needs it, a few at a time; what did not come is not asked for
// again at once.

import { LateMap, LateSet } from '../../../base/late.ts';
import { child, type Element, el, elementsOf, textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { nobody, type Person } from '../../../xmpp/person/person.ts';
import { personOfVcardTemp, vcardTempNs } from '../../../xmpp/person/vcard-temp.ts';
import { personOfVcard4, vcard4Node, vcard4Ns } from '../../../xmpp/person/vcard4.ts';
import { type ContactPresence, namespaces, type Picture, type PictureInfo } from '../../mapping/contact-presence.ts';
import { readImage } from '../../mapping/image.ts';
import { type AttributeName, personAttributes, pictureAttributes } from '../../mapping/presence-table.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { imageOf, keepImage } from './images.ts';

const atOnceMax = 4;
const waitingMax = 1000;
const answerMs = 10_000;
/** A vCard is looked at again after this: nothing tells of its changes. */
const personMs = 6 * 3600 * 1000;
const personsMax = 1000;
const failedMax = 1000;
/** Of a message that carries a picture, what is not the picture. */
const envelopeOctets = 2048;

export class Portraits {
  readonly #session: SessionView;
  readonly #persons = new LateMap<string, { readonly person: Person; readonly at: number }>();
  /** Pictures that could not be had. */
  readonly #failed = new LateSet<string>();
  /** By what is fetched: 'vcard mila@x', or a picture's id and whose it is. */
  readonly #waiting = new LateMap<string, () => Promise<void>>();
  readonly #going = new LateMap<string, Promise<void>>();
  /** Hears of a contact of whom more is known now. */
  onKnown: (user: Jid) => void = () => {};

  constructor(session: SessionView) {
    this.#session = session;
  }

  /** The contact with what the phone has named, as far as it is there; what is not is on its way. */
  of(user: Jid, contact: ContactPresence, wish: readonly AttributeName[] | undefined): ContactPresence {
    const wantsPicture = wish?.some((name) => pictureAttributes.has(name)) ?? false;
    const wantsPerson = wish?.some((name) => personAttributes.has(name)) ?? false;
    if (!wantsPicture && !wantsPerson) return contact;
    const picture = wantsPicture && contact.pictures ? this.#pictureOf(user, contact.pictures) : undefined;
    const person = wantsPerson ? this.#personOf(user) : undefined;
    return { ...contact, ...(picture && { picture }), ...(person && { person }) };
  }

  /** Resolves when everything that is on its way has come, or would not. */
  async settled(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going.values());
  }

  // ---- pictures ---------------------------------------------------------------------------------------------------

  #pictureOf(user: Jid, infos: readonly PictureInfo[]): Picture | undefined {
    for (const info of infos) {
      if (info.url !== undefined) continue;
      const known = imageOf(info.id);
      if (known) {
        if (this.#fits(known.type, known.base64.length)) return { type: known.type, base64: known.base64 };
        continue;
      }
      // What is known to be too large need not be fetched to find out.
      if (this.#failed.has(info.id) || !this.#fits(info.type, ((info.bytes ?? 0) * 4) / 3)) continue;
      this.#fetch(`${info.id} ${user}`, user, () => this.#fetchPicture(user, info));
      return undefined;
    }
    const elsewhere = infos.find(({ url, type }) => url !== undefined && this.#fits(type, 0));
    return elsewhere && { type: elsewhere.type, url: elsewhere.url };
  }

  /**
   * `octets`: as base64. Whoever names the attribute takes pictures: a phone's content types, which are about messages, choose
   * among them when there is a picture's among them.
   */
  #fits(type: string | undefined, octets: number): boolean {
    const { anyContent, contentTypes, pushLength, parserSize } = this.#session.capabilities;
    const images = contentTypes.filter((one) => one.startsWith('image/'));
    const isChoosy = !anyContent && images.length > 0 && !images.includes('image/*');
    const isTaken = type === undefined || !isChoosy || images.includes(type);
    return isTaken && octets <= Math.min(pushLength, parserSize - envelopeOctets);
  }

  async #fetchPicture(user: Jid, { id, type }: PictureInfo): Promise<void> {
    // A type is said in metadata only: then there is a node. A hash alone comes with a vCard.
    const octets = (type !== undefined && (await this.#octetsInNode(user, id))) || (await this.#octetsInVcard(user));
    const image = octets && readImage(octets);
    if (octets && image && keepImage(id, octets, image.type)) return;
    this.#failed.add(id);
    for (const oldest of this.#failed) if (this.#failed.size > failedMax) this.#failed.delete(oldest);
  }

  async #octetsInNode(user: Jid, id: string): Promise<Buffer | undefined> {
    const item = await this.#item(user, namespaces.avatarData, id);
    const data = item && child(item, 'data', namespaces.avatarData);
    return data && Buffer.from(textOf(data), 'base64');
  }

  async #octetsInVcard(user: Jid): Promise<Buffer | undefined> {
    const vcard = await this.#vcardTemp(user);
    const photo = vcard && child(vcard, 'PHOTO');
    const binary = photo && child(photo, 'BINVAL');
    return binary && Buffer.from(textOf(binary), 'base64');
  }

  // ---- vCards -----------------------------------------------------------------------------------------------------

  #personOf(user: Jid): Person | undefined {
    const key = user.toString();
    const known = this.#persons.get(key);
    const now = this.#session.clock.mono();
    if (!known || known.at < now - personMs) this.#fetch(`vcard ${key}`, user, () => this.#fetchPerson(user));
    return known?.person;
  }

  async #fetchPerson(user: Jid): Promise<void> {
    const item = await this.#item(user, vcard4Node);
    const vcard4 = item && child(item, 'vcard', vcard4Ns);
    const temp = vcard4 ? undefined : await this.#vcardTemp(user);
    const person = vcard4 ? personOfVcard4(vcard4) : temp ? personOfVcardTemp(temp) : nobody;
    this.#persons.delete(user.toString());
    this.#persons.set(user.toString(), { person, at: this.#session.clock.mono() });
    for (const oldest of this.#persons.keys()) if (this.#persons.size > personsMax) this.#persons.delete(oldest);
  }

  // ---- asking -----------------------------------------------------------------------------------------------------

  async #item(user: Jid, node: string, id?: string): Promise<Element | undefined> {
    const items = el('items', { node }, id !== undefined && el('item', { id }));
    const answer = await this.#session.iq({
      type: 'get',
      to: user,
      child: el('pubsub', { xmlns: namespaces.pubsub }, items),
      timeoutMs: answerMs,
    });
    const pubsub = answer.ok ? answer.value.child('pubsub', namespaces.pubsub) : undefined;
    const found = pubsub && child(pubsub, 'items');
    return (
      found && elementsOf(found).find(({ name, attrs }) => name === 'item' && (id === undefined || attrs.id === id))
    );
  }

  async #vcardTemp(user: Jid): Promise<Element | undefined> {
    const request = el('vCard', { xmlns: vcardTempNs });
    const answer = await this.#session.iq({ type: 'get', to: user, child: request, timeoutMs: answerMs });
    return answer.ok ? answer.value.child('vCard', vcardTempNs) : undefined;
  }

  #fetch(key: string, user: Jid, work: () => Promise<void>): void {
    if (this.#going.has(key) || this.#waiting.has(key) || this.#waiting.size >= waitingMax) return;
    this.#waiting.set(key, async () => {
      await work();
      this.onKnown(Jid.from(user.toString()));
    });
    this.#next();
  }

  #next(): void {
    for (const [key, work] of this.#waiting) {
      if (this.#going.size >= atOnceMax) return;
      this.#waiting.delete(key);
      const going = work()
        .catch((cause: unknown) =>
          this.#session.log.warn({ err: cause, what: key }, 'a contact’s picture or card did not come'),
        )
        .finally(() => {
          this.#going.delete(key);
          this.#next();
        });
      this.#going.set(key, going);
    }
  }
}

export const portraits = slot<Portraits>('presence-portraits', (session) => new Portraits(session));
