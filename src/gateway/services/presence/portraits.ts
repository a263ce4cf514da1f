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
import type { PictureType } from '../content/contents.ts';
import { imageOf, keepImage, keepMade } from './images.ts';

const atOnceMax = 4;
const waitingMax = 1000;
const answerMs = 10_000;
/** A vCard is looked at again after this: nothing tells of its changes. */
const personMs = 6 * 3600 * 1000;
const personsMax = 1000;
const failedMax = 1000;
/** Of a message that carries a picture, what is not the picture. */
const envelopeOctets = 2048;
/** A portrait goes to the phone with every change of the contact's presence: whatever the phone takes, it is no larger. */
const portraitMax = 8192;
const pixelsMax = 128;
/** Larger ones are not fetched to be made smaller. */
const originalMax = 524_288;
/** What phones of the time show, unless they name others; and what can be made. */
const shown: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/bmp']);
const made: readonly PictureType[] = ['image/jpeg', 'image/png', 'image/gif'];

/** What a picture has to be for this phone. */
interface Frame {
  readonly octetsMax: number;
  readonly pixelsMax: number;
  readonly takes: (type: string) => boolean;
}

/**
 * Whoever names the attribute takes pictures: a phone's content types, which are about messages, choose among them when there
 * is a picture's among them.
 */
const frameOf = ({ capabilities }: SessionView): Frame => {
  const { anyContent, contentTypes, pushLength, parserSize } = capabilities;
  const images = contentTypes.filter((one) => one.startsWith('image/'));
  const isChoosy = !anyContent && images.length > 0 && !images.includes('image/*');
  const base64Max = Math.min(pushLength, parserSize - envelopeOctets, portraitMax);
  return {
    octetsMax: Math.max(0, Math.floor(base64Max / 4) * 3 - 3),
    pixelsMax,
    takes: (type) => (isChoosy ? images.includes(type) : shown.has(type)),
  };
};

const isWithin = ({ octetsMax, takes }: Frame, type: string, base64: string): boolean =>
  takes(type) && (base64.length / 4) * 3 <= octetsMax + 3;

/** The form of a picture that was made for such phones. */
const keyOf = (id: string, { octetsMax, takes }: Frame): string => `${id} ${octetsMax} ${made.filter(takes).join()}`;

const wants = (wish: readonly AttributeName[] | undefined, names: ReadonlySet<AttributeName>): boolean =>
  wish?.some((name) => names.has(name)) ?? false;

/** Has the phone named anything that has to be fetched? */
export const needsPortrait = (wish: readonly AttributeName[] | undefined): boolean =>
  wants(wish, pictureAttributes) || wants(wish, personAttributes);

export class Portraits {
  readonly #session: SessionView;
  readonly #persons = new LateMap<string, { readonly person: Person; readonly at: number }>();
  /** Pictures that could not be had in a form for this phone. */
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
    const wantsPicture = wants(wish, pictureAttributes) && contact.pictures;
    const picture = wantsPicture ? this.#pictureOf(user, wantsPicture) : undefined;
    const person = wants(wish, personAttributes) ? this.#personOf(user) : undefined;
    return { ...contact, ...(picture && { picture }), ...(person && { person }) };
  }

  /** Resolves when everything that is on its way has come, or would not. */
  async settled(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going.values());
  }

  // ---- pictures ---------------------------------------------------------------------------------------------------

  #pictureOf(user: Jid, infos: readonly PictureInfo[]): Picture | undefined {
    const frame = frameOf(this.#session);
    for (const info of infos) {
      if (info.url !== undefined) continue;
      for (const known of [imageOf(info.id), imageOf(keyOf(info.id, frame))])
        if (known && isWithin(frame, known.type, known.base64)) return { type: known.type, base64: known.base64 };
      if (this.#failed.has(keyOf(info.id, frame))) continue;
      // What is known to be too large need not be fetched to find out, unless it can be made smaller.
      const octets = info.bytes ?? 0;
      const isHopeless = octets > (this.#session.contents ? originalMax : frame.octetsMax);
      if (isHopeless) continue;
      this.#fetch(`${info.id} ${user}`, user, () => this.#fetchPicture(user, info));
      return undefined;
    }
    const elsewhere = infos.find(({ url, type }) => url !== undefined && (type === undefined || frame.takes(type)));
    return elsewhere && { type: elsewhere.type, url: elsewhere.url };
  }

  async #fetchPicture(user: Jid, { id, type }: PictureInfo): Promise<void> {
    const frame = frameOf(this.#session);
    const key = keyOf(id, frame);
    // A type is said in metadata only: then there is a node. A hash alone comes with a vCard.
    const octets = (type !== undefined && (await this.#octetsInNode(user, id))) || (await this.#octetsInVcard(user));
    const image = octets && readImage(octets);
    if (octets && image && keepImage(id, octets, image.type)) {
      if (isWithin(frame, image.type, octets.toString('base64'))) return;
      const { contents } = this.#session;
      const types = made.filter(frame.takes);
      if (contents && types.length > 0 && octets.length <= originalMax) {
        const claim = { recipient: this.#session.user.toString(), sender: user.toString(), server: user.domain };
        const smaller = await contents.turns.take(claim, () => contents.pictures.fit(octets, { ...frame, types }));
        if (smaller.ok) return keepMade(key, smaller.value.octets, smaller.value.type);
        // Too many at once: the next look tries again.
        if (smaller.fault === 'busy') return;
      }
    }
    this.#failed.add(key);
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
