// What a phone's user shows by personal events (XEP-0163): node by node, what is said now, and what has to be published to
// say it.

import { createHash } from 'node:crypto';
import { type Element, el } from '../../../xml/element.ts';
import { nobody } from '../../../xmpp/person/person.ts';
import { vcard4Node, vcard4Of } from '../../../xmpp/person/vcard4.ts';
import { namespaces, writeLocation, writeMood, writeNick } from '../../mapping/contact-presence.ts';
import type { OwnPicture, Published } from '../../mapping/presence-table.ts';

export interface PersonalEvent {
  readonly node: string;
  /** Equal when the same is said; undefined when nothing is. */
  readonly value: string | undefined;
  /** In this order: where one is not taken, the others are not published. */
  readonly publish: () => readonly Item[];
}
interface Item {
  readonly node: string;
  readonly id: string;
  readonly payload: Element;
}

export const personalEvents = ({ nick, mood, location, picture, person }: Published): readonly PersonalEvent[] => [
  event(namespaces.nick, nick, writeNick(nick)),
  event(namespaces.mood, mood, writeMood(mood)),
  event(namespaces.location, location && JSON.stringify(location), writeLocation(location)),
  avatar(picture),
  event(vcard4Node, person && JSON.stringify(person), vcard4Of(person ?? nobody)),
];

const event = (node: string, value: string | undefined, payload: Element): PersonalEvent => ({
  node,
  value,
  publish: () => [{ node, id: 'current', payload }],
});

/** XEP-0084 §3.1, §3.2: the image, and then that it is there; §3.5: none any more. */
const avatar = (picture: OwnPicture | undefined): PersonalEvent => {
  const metadata = (info?: Element): Element => el('metadata', { xmlns: namespaces.avatar }, info);
  const node = namespaces.avatar;
  if (!picture) return { node, value: undefined, publish: () => [{ node, id: 'current', payload: metadata() }] };
  const { octets, type, width, height } = picture;
  const id = createHash('sha1').update(octets).digest('hex');
  const info = { id, type, bytes: String(octets.length), width: String(width), height: String(height) };
  return {
    node,
    value: id,
    publish: () => [
      {
        node: namespaces.avatarData,
        id,
        payload: el('data', { xmlns: namespaces.avatarData }, Buffer.from(octets).toString('base64')),
      },
      { node, id, payload: metadata(el('info', info)) },
    ],
  };
};
