// XEP-0030 Service Discovery, XEP-0115 Entity Capabilities, XEP-0199 XMPP Ping: the gateway answers for the phone what any
// XMPP client is asked.

import { el } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type Service, tell } from '../../service.ts';
import { discoInfo, isPhoneNode, phoneInfo } from './caps.ts';

export const client: Service = {
  name: 'client',
  specs: ['XEP-0030: disco#info of the phone', 'XEP-0115: Entity Capabilities', 'XEP-0199: XMPP Ping'],
  leaves: [],
  primitives: {},
  onStanza(stanza) {
    if (stanza.kind !== 'iq' || stanza.type !== 'get') return undefined;
    if (stanza.has('ping', 'urn:xmpp:ping')) return [answer(stanza.result())];
    const query = stanza.child('query', discoInfo);
    if (!query) return undefined;
    const { node } = query.attrs;
    if (!isPhoneNode(node)) return [answer(stanza.error('item-not-found'))];
    return [
      answer(
        stanza.result(node === undefined ? phoneInfo : el('query', { xmlns: discoInfo, node }, ...phoneInfo.children)),
      ),
    ];
  },
};

/** The server stamps the sender. */
const answer = (stanza: Stanza) => tell(stanza.with({ from: undefined }));
