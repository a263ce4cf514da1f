// XEP-0202 Entity Time 2.0: the server's clock, in UTC.

import { own } from '../../base/hooks.ts';
import { el } from '../../xml/element.ts';
import { xmppDate } from '../messages/delay.ts';
import { requestKey, serverRequest } from '../points.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';

const xmlns = 'urn:xmpp:time';

export const time: Feature = {
  specs: [
    { id: 'XEP-0202', name: 'Entity Time', version: '2.0', scope: 'answers for the server', namespaces: [xmlns] },
  ],
  taps: ({ clock }) => [
    own(serverRequest, requestKey('get', xmlns, 'time'), ({ stanza }) =>
      stanza.result(el('time', { xmlns }, el('tzo', null, '+00:00'), el('utc', null, xmppDate(clock.wall())))),
    ),
    advertise('server', xmlns),
  ],
};
