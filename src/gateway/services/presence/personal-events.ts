// What a phone's user shows by personal events (XEP-0163): node by node, what is said now, of which attributes it is made, and
// what has to be published to say it.

import { createHash } from 'node:crypto';
import { type Element, el } from '../../../xml/element.ts';
import { nobody } from '../../../xmpp/person/person.ts';
import { vcard4Node, vcard4Of } from '../../../xmpp/person/vcard4.ts';
import { namespaces, writeLocation, writeMood, writeNick } from '../../mapping/contact-presence.ts';
import {
  type AttributeName,
  type OwnAttributes,
  type OwnPicture,
  type Published,
  personAttributes,
} from '../../mapping/presence-table.ts';

export interface PersonalEvent {
  /** The node that tells of it; what it says may stand in another. */
  readonly node: string;
  readonly nodes: readonly string[];
  /** Whoever may see all of these may see it. */
  readonly attributes: readonly AttributeName[];
  /** Equal when the same is said; undefined when nothing is. */
  readonly value: string | undefined;
  /** In this order: where one is not taken, the others are not published. */
  readonly items: () => readonly Item[];
}
export interface Item {
  readonly node: string;
  readonly id: string;
  readonly payload: Element;
}

const locationAttributes: readonly AttributeName[] = ['GeoLocation', 'Address', 'FreeTextLocation'];

export const personalEvents = (
  { nick, mood, location, picture, person }: Published,
  own: OwnAttributes,
): readonly PersonalEvent[] => {
  const said = (names: Iterable<AttributeName>): AttributeName[] =>
    [...names].filter((name) => own[name] !== undefined);
  return [
    event(namespaces.nick, ['Alias'], nick, writeNick(nick)),
    event(namespaces.mood, ['StatusMood'], mood, writeMood(mood)),
    event(namespaces.location, said(locationAttributes), location && JSON.stringify(location), writeLocation(location)),
    avatar(picture),
    event(vcard4Node, said(personAttributes), person && JSON.stringify(person), vcard4Of(person ?? nobody)),
  ];
};

const event = (
  node: string,
  attributes: readonly AttributeName[],
  value: string | undefined,
  payload: Element,
): PersonalEvent => ({ node, nodes: [node], attributes, value, items: () => [{ node, id: 'current', payload }] });

/** XEP-0084 §3.1, §3.2: the image, and then that it is there; §3.5: none any more. */
const avatar = (picture: OwnPicture | undefined): PersonalEvent => {
  const node = namespaces.avatar;
  const data = namespaces.avatarData;
  const common = { node, nodes: [data, node], attributes: ['StatusContent'] } as const;
  const metadata = (info?: Element): Element => el('metadata', { xmlns: node }, info);
  if (!picture) return { ...common, value: undefined, items: () => [{ node, id: 'current', payload: metadata() }] };
  const { octets, type, width, height } = picture;
  const id = createHash('sha1').update(octets).digest('hex');
  const info = { id, type, bytes: String(octets.length), width: String(width), height: String(height) };
  return {
    ...common,
    value: id,
    items: () => [
      { node: data, id, payload: el('data', { xmlns: data }, Buffer.from(octets).toString('base64')) },
      { node, id, payload: metadata(el('info', info)) },
    ],
  };
};

/** What takes it back: events without content. */
export const nothingSaid: readonly PersonalEvent[] = personalEvents({ priority: 0 }, {});
