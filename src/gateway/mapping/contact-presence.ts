// What a contact shows over XMPP, as one value, whatever carried it: <presence/> of each resource (RFC 6121 §4), nick, mood
// location and picture in it or in personal events (XEP-0163), and what is fetched where a phone asks for it.

import { interned } from '../../base/interned.ts';
import { child, childText, type Element, el, elementsOf, textOf } from '../../xml/element.ts';
import type { Person } from '../../xmpp/person/person.ts';
import type { Stanza } from '../../xmpp/stanza.ts';

export type Show = 'chat' | 'away' | 'xa' | 'dnd';

/** XEP-0080. Degrees and metres. */
export interface Location {
  readonly lat?: number;
  readonly lon?: number;
  readonly alt?: number;
  readonly accuracy?: number;
  readonly country?: string;
  readonly city?: string;
  readonly street?: string;
  readonly building?: string;
  readonly area?: string;
  readonly text?: string;
}

/** What may stand in <presence/> and in personal events alike. Undefined: not said; null: said to be none. */
export interface Extras {
  readonly nick?: string | null;
  /** XEP-0107 word. */
  readonly mood?: string | null;
  readonly location?: Location | null;
  /** Forms of the one picture of the contact. */
  readonly pictures?: readonly PictureInfo[] | null;
}

/** What is said of a picture: an <info/> of XEP-0084, or the hash of XEP-0153. */
export interface PictureInfo {
  /** SHA-1, lower-case hexadecimal. */
  readonly id: string;
  /** Undefined where a hash is all that is known: the image is in the vCard. */
  readonly type?: string | undefined;
  readonly bytes?: number | undefined;
  /** Where it is on the web; without, it is in the contact's node or vCard. */
  readonly url?: string | undefined;
}

/** One available resource. */
export interface ResourcePresence extends Extras {
  readonly resource?: string | undefined;
  readonly show: Show | undefined;
  readonly status: string | undefined;
  readonly priority: number;
  /** XEP-0115 `node#ver`, which tells what sort of client it is. */
  readonly caps: string | undefined;
}

/** The one state a phone can show of a contact. */
export interface ContactPresence {
  readonly online: boolean;
  readonly show?: Show | undefined;
  readonly status?: string | undefined;
  readonly nick?: string | undefined;
  readonly mood?: string | undefined;
  readonly location?: Location | undefined;
  /** XEP-0030 identity type within category `client`: phone, pc, web, handheld … */
  readonly device?: string | undefined;
  /** Every available resource, the one that speaks for the contact first. */
  readonly devices?: readonly Device[] | undefined;
  readonly pictures?: readonly PictureInfo[] | undefined;
  /** What of the picture a phone is shown: the image as base64, or where it is. */
  readonly picture?: Picture | undefined;
  /** The vCard, once it was fetched. */
  readonly person?: Person | undefined;
}

export interface Device {
  readonly resource: string;
  readonly priority: number;
  /** As above. */
  readonly kind: string | undefined;
}

export interface Picture {
  readonly type: string | undefined;
  readonly base64?: string | undefined;
  readonly url?: string | undefined;
}

export const namespaces = {
  caps: 'http://jabber.org/protocol/caps',
  nick: 'http://jabber.org/protocol/nick',
  mood: 'http://jabber.org/protocol/mood',
  location: 'http://jabber.org/protocol/geoloc',
  avatarData: 'urn:xmpp:avatar:data',
  avatar: 'urn:xmpp:avatar:metadata',
  avatarUpdate: 'vcard-temp:x:update',
  pubsub: 'http://jabber.org/protocol/pubsub',
  event: 'http://jabber.org/protocol/pubsub#event',
} as const;

const textMax = 1024;
const short = (text: string | undefined): string | undefined => text?.slice(0, textMax);

/** What a client says it is: thousands of contacts have the same few clients. */
const sharedCaps = interned<string>(500, (caps) => caps);
const capsOf = (caps: Element | undefined): string | undefined =>
  caps?.attrs.node && caps.attrs.ver ? sharedCaps(`${caps.attrs.node}#${caps.attrs.ver}`) : undefined;

/** An available presence as it shows its sender's resource. */
export const readPresence = (stanza: Stanza): ResourcePresence => {
  const show = stanza.child('show');
  const word = show && textOf(show).trim();
  const status = stanza.child('status');
  const priority = stanza.child('priority');
  const caps = stanza.child('c', namespaces.caps);
  const number = priority ? Number.parseInt(textOf(priority), 10) : 0;
  return {
    resource: stanza.from?.resource,
    show: word === 'chat' || word === 'away' || word === 'xa' || word === 'dnd' ? word : undefined,
    status: status && short(textOf(status)),
    priority: Number.isNaN(number) ? 0 : Math.max(-128, Math.min(127, number)),
    caps: capsOf(caps),
    ...readExtras(stanza.elements),
  };
};

/** Nick, mood, location and picture out of a presence's children or an event's payload. */
export const readExtras = (elements: readonly Element[]): Extras => {
  let extras: Extras = {};
  for (const one of elements) {
    if (one.name === 'nick' && one.xmlns === namespaces.nick)
      extras = { ...extras, nick: short(textOf(one).trim()) || null };
    else if (one.name === 'mood' && one.xmlns === namespaces.mood)
      extras = {
        ...extras,
        mood: elementsOf(one).find((word) => word.name !== 'text' && word.xmlns === one.xmlns)?.name ?? null,
      };
    else if (one.name === 'geoloc' && one.xmlns === namespaces.location)
      extras = { ...extras, location: readLocation(one) };
    else if (one.name === 'metadata' && one.xmlns === namespaces.avatar)
      extras = { ...extras, pictures: readPictures(one) };
    else if (one.name === 'x' && one.xmlns === namespaces.avatarUpdate) {
      const hash = childText(one, 'photo')?.trim().toLowerCase();
      if (hash !== undefined) extras = { ...extras, pictures: isHash(hash) ? [{ id: hash }] : null };
    }
  }
  return extras;
};

const keyOfNode: Readonly<Record<string, keyof Extras>> = {
  [namespaces.nick]: 'nick',
  [namespaces.mood]: 'mood',
  [namespaces.location]: 'location',
  [namespaces.avatar]: 'pictures',
};

/** A personal event (XEP-0163): undefined when the message is none, or none we understand. */
export const readEvent = (stanza: Stanza): Extras | undefined => {
  const event = stanza.child('event', namespaces.event);
  const items = event && child(event, 'items');
  if (!items) return undefined;
  const key = keyOfNode[items.attrs.node ?? ''];
  if (!key) return undefined;
  const item = child(items, 'item');
  const extras = item ? readExtras(elementsOf(item)) : {};
  // A retracted item, or a payload that is empty, takes the value back.
  return { [key]: extras[key] ?? null };
};

const readLocation = (geoloc: Element): Location | null => {
  const text = (name: string): string | undefined => short(childText(geoloc, name)?.trim()) || undefined;
  const number = (name: string, max: number): number | undefined => {
    const value = Number.parseFloat(text(name) ?? '');
    return Math.abs(value) <= max ? value : undefined;
  };
  const location = {
    lat: number('lat', 90),
    lon: number('lon', 180),
    alt: number('alt', 1e6),
    accuracy: number('accuracy', 1e8),
    country: text('countrycode') ?? text('country'),
    city: text('locality'),
    street: text('street'),
    building: text('building'),
    area: text('area'),
    text: text('text') ?? text('description'),
  };
  const known = Object.entries(location).filter(([, value]) => value !== undefined);
  return known.length === 0 ? null : (Object.fromEntries(known) as Location);
};

const isHash = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);
const picturesMax = 8;

/** XEP-0084 §4.2.1. */
const readPictures = (metadata: Element): readonly PictureInfo[] | null => {
  const infos = elementsOf(metadata).flatMap(({ name, attrs }): PictureInfo[] => {
    const id = attrs.id?.toLowerCase() ?? '';
    if (name !== 'info' || !isHash(id)) return [];
    const { type, bytes, url } = attrs;
    return [
      {
        id,
        type: short(type)?.toLowerCase(),
        bytes: /^\d{1,9}$/.test(bytes ?? '') ? Number(bytes) : undefined,
        ...(url !== undefined && /^https?:\/\//i.test(url) && { url: url.slice(0, textMax) }),
      },
    ];
  });
  return infos.length === 0 ? null : infos.slice(0, picturesMax);
};

/** XEP-0080 §3. Without a location: the empty element, which takes it back. */
export const writeLocation = (location: Location | undefined): Element =>
  el(
    'geoloc',
    { xmlns: namespaces.location },
    ...(
      [
        ['accuracy', location?.accuracy],
        ['alt', location?.alt],
        ['area', location?.area],
        ['building', location?.building],
        // XEP-0080 has the two-letter code apart from the country's name; CSP's Country is the code.
        ['countrycode', location?.country],
        ['lat', location?.lat],
        ['locality', location?.city],
        ['lon', location?.lon],
        ['street', location?.street],
        ['text', location?.text],
      ] as const
    ).map(([name, value]) => (value === undefined ? undefined : el(name, null, String(value)))),
  );

/** XEP-0107 §2. Without a mood: the empty element, which takes it back. */
export const writeMood = (mood: string | undefined): Element =>
  el('mood', { xmlns: namespaces.mood }, mood === undefined ? undefined : el(mood));

/** XEP-0172 §4.1. */
export const writeNick = (nick: string | undefined): Element => el('nick', { xmlns: namespaces.nick }, nick ?? '');

const liveliness: Readonly<Record<Show | 'plain', number>> = { chat: 4, plain: 3, dnd: 2, away: 1, xa: 0 };

/**
 * Folds a contact's resources and personal events into what a phone can show. The resource of the highest priority speaks;
 * among equals the liveliest, then the one heard last (the last in `resources`).
 */
export const foldContact = (
  resources: Iterable<ResourcePresence>,
  events: Extras,
  deviceOf: (caps: string) => string | undefined,
  lastStatus?: string,
): ContactPresence => {
  const rank = (one: ResourcePresence): number => one.priority * 8 + liveliness[one.show ?? 'plain'];
  const all = [...resources].reverse().sort((a, b) => rank(b) - rank(a));
  const [best] = all;
  const kindOf = ({ caps }: ResourcePresence): string | undefined => (caps === undefined ? undefined : deviceOf(caps));
  // What an event says is about the person and counts over what one of their clients says.
  const said = {
    nick: events.nick === undefined ? best?.nick : events.nick,
    mood: events.mood === undefined ? best?.mood : events.mood,
    location: events.location === undefined ? best?.location : events.location,
    // One client may have no picture to tell of, and another one.
    pictures: events.pictures === undefined ? all.find((one) => one.pictures)?.pictures : events.pictures,
  };
  return {
    online: best !== undefined,
    show: best?.show,
    status: best ? best.status : lastStatus,
    nick: said.nick ?? undefined,
    mood: said.mood ?? undefined,
    location: said.location ?? undefined,
    device: best && kindOf(best),
    pictures: said.pictures ?? undefined,
    devices: all.map((one) => ({ resource: one.resource ?? '', priority: one.priority, kind: kindOf(one) })),
  };
};
