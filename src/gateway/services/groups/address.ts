// Groups' addresses and the rooms they stand for. `wv:/walkers@rooms.home.test` is the room walkers@rooms.home.test. A group
// that somebody owns, `wv:mila/walkers@home.test`, is the room `mila\2fwalkers` (XEP-0106) at home.test's own room service.

import { addressOfRoom, formatAddress, parseAddress } from '../../../imps/address.ts';
import { childrenNamed, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { roomOfText } from '../../mapping/address.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { discoInfo, hasFeature, identitiesOf } from '../client/caps.ts';
import { ns } from './muc.ts';

const discoItems = 'http://jabber.org/protocol/disco#items';
const itemsMax = 20;
const domainsMax = 50;
const separator = '\\2f';

/** The room services of domains, as far as a session has looked for them; and found them. */
export const roomServices = slot<Map<string, Promise<Jid | undefined>>>('groups-services', () => new Map());
const foundServices = slot<Map<string, Jid>>('groups-services-found', () => new Map());

/** Where a domain has its rooms (§6.1 with XEP-0030); undefined when it has none, or does not say. */
export const roomServiceOf = (session: SessionView, domain: string): Promise<Jid | undefined> => {
  const known = session.slot(roomServices);
  let found = known.get(domain);
  if (!found) {
    found = lookFor(session, Jid.from(domain)).then((service) => {
      // It may have been out of reach: the next question asks again.
      if (service) session.slot(foundServices).set(domain, service);
      else known.delete(domain);
      return service;
    });
    if (known.size < domainsMax) known.set(domain, found);
  }
  return found;
};

const lookFor = async (session: SessionView, domain: Jid): Promise<Jid | undefined> => {
  const listed = await session.iq({ type: 'get', to: domain, child: el('query', { xmlns: discoItems }) });
  const query = listed.ok ? listed.value.child('query', discoItems) : undefined;
  const places = (query ? childrenNamed(query, 'item') : []).slice(0, itemsMax).flatMap(({ attrs }) => {
    const jid = Jid.parse(attrs.jid ?? '');
    return jid.ok && attrs.node === undefined && jid.value.local === undefined ? [jid.value] : [];
  });
  const isRooms = await Promise.all(
    places.map(async (place) => {
      const answer = await session.iq({ type: 'get', to: place, child: el('query', { xmlns: discoInfo }) });
      const info = answer.ok ? answer.value.child('query', discoInfo) : undefined;
      // A gateway to another network is a room service too (type irc, say), but not the domain's own.
      return (
        info !== undefined &&
        hasFeature(info, ns.muc) &&
        identitiesOf(info).some(({ category, type }) => category === 'conference' && type === 'text')
      );
    }),
  );
  return places.find((_, index) => isRooms[index]);
};

/** The room of a group's address; undefined when it is none, or its domain has no rooms. */
export const roomOf = async (session: SessionView, text: string): Promise<Jid | undefined> => {
  const plain = roomOfText(text, session.user.domain);
  if (plain) return plain;
  const address = parseAddress(text, session.user.domain);
  if (!address?.resource || !address.domain) return undefined;
  const domain = Jid.parse(address.domain);
  const service = domain.ok && domain.value.isBare ? await roomServiceOf(session, domain.value.toString()) : undefined;
  const name = roomOfText(formatAddress({ user: '', resource: address.resource, domain: 'x' }), 'x')?.local;
  const owner = roomOfText(formatAddress({ user: '', resource: address.user, domain: 'x' }), 'x')?.local;
  if (!service || name === undefined || owner === undefined) return undefined;
  const room = Jid.parse(`${owner}${separator}${name}@${service.domain}`);
  return room.ok ? room.value : undefined;
};

/** The group that a room is, for rooms that no phone has named yet. */
export const groupOf = async (session: SessionView, room: Jid): Promise<string> => {
  if ((room.local ?? '').includes(separator)) await roomServiceOf(session, session.user.domain);
  return groupAtHand(session, room);
};

/** The same by what is known already: where nothing may be asked. Both ways to write a group's address are good. */
export const groupAtHand = (session: SessionView, room: Jid): string => {
  const address = addressOfRoom(room.toString());
  const [owner = '', ...rest] = (room.local ?? '').split(separator);
  if (rest.length > 0 && owner !== '') {
    const service = session.slot(foundServices).get(session.user.domain);
    const user = addressOfRoom(`${owner}@x`)?.resource ?? owner;
    const name = addressOfRoom(`${rest.join(separator)}@x`)?.resource ?? '';
    if (service?.domain === room.domain) return formatAddress({ user, resource: name, domain: session.user.domain });
  }
  return address ? formatAddress(address) : `wv:/${room}`;
};

/** Is it one of the user's own, as CreateGroup wants it? */
export const isOwn = (session: SessionView, text: string): boolean => {
  const address = parseAddress(text, session.user.domain);
  const owner = address?.resource !== undefined && roomOfText(`wv:/${address.user || '-'}@x`, 'x')?.local;
  return owner === session.user.local && address?.domain?.toLowerCase() === session.user.domain;
};
