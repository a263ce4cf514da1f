// XEP-0092 Software Version 1.1: the server's name and version. The operating system is nobody's business.

import { own } from '../../base/hooks.ts';
import { el } from '../../xml/element.ts';
import { requestKey, serverRequest } from '../points.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';

const xmlns = 'jabber:iq:version';

export const version: Feature = {
  specs: [
    { id: 'XEP-0092', name: 'Software Version', version: '1.1', scope: 'answers for the server', namespaces: [xmlns] },
  ],
  taps: ({ software }) => [
    own(serverRequest, requestKey('get', xmlns, 'query'), ({ stanza }) =>
      stanza.result(el('query', { xmlns }, el('name', null, software.name), el('version', null, software.version))),
    ),
    advertise('server', xmlns),
  ],
};
