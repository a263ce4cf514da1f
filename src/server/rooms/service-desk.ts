// What the service itself says, at its domain (XEP-0045 §6.1 to §6.3): that it has rooms, and which.

import { child, el } from '../../xml/element.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { iqFault, isRequest } from '../iq.ts';
import { mayBounce } from '../router.ts';
import type { Directory, Entry } from './directory.ts';
import { ns } from './names.ts';
import { page } from './paging.ts';

const features = [ns.info, ns.items, ns.muc, ns.stableId, ns.occupantId, ns.stanzaId, ns.rsm, ns.ping];

/** The answer to a stanza for the domain, if it gets one. */
export const serviceAnswer = (stanza: Stanza, name: string, directory: Directory): Stanza | undefined => {
  if (stanza.kind === 'presence' || !mayBounce(stanza)) return undefined;
  if (stanza.kind === 'message') return stanza.error('service-unavailable');
  const fault = iqFault(stanza);
  if (fault !== undefined) return stanza.error('bad-request', { text: fault });
  const [payload] = stanza.elements;
  if (!payload || !isRequest(stanza) || stanza.type !== 'get' || stanza.to?.resource !== undefined)
    return stanza.error('service-unavailable');
  const { node } = payload.attrs;
  switch (`${payload.xmlns} ${payload.name}`) {
    case `${ns.ping} ping`:
      return stanza.result();
    case `${ns.info} query`:
      if (node !== undefined) return stanza.error('item-not-found');
      return stanza.result(
        el(
          'query',
          { xmlns: ns.info },
          el('identity', { category: 'conference', type: 'text', name }),
          features.map((one) => el('feature', { var: one })),
        ),
      );
    case `${ns.items} query`: {
      if (node !== undefined) return stanza.error('item-not-found');
      const rooms = page(directory.listed, ([jid]) => jid, child(payload, 'set', ns.rsm));
      if (!rooms.ok) return stanza.error(rooms.fault);
      return stanza.result(el('query', { xmlns: ns.items }, rooms.value.items.map(itemOf), rooms.value.set));
    }
    default:
      return stanza.error('service-unavailable');
  }
};

const itemOf = ([jid, { name }]: readonly [string, Entry]) =>
  el('item', { jid, name: name || jid.slice(0, jid.lastIndexOf('@')) });
