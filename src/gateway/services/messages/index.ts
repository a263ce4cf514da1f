// CSP 1.1, 1.2, 1.3 "Instant messaging service" over RFC 6121 §5.

import type { Service } from '../../service.ts';
import { bring } from './bring.ts';
import { afterNegotiation, setDeliveryMethod } from './delivery.ts';
import { getMessage, getMessageList, rejectMessage } from './fetch.ts';
import { messageArrived, messageKind, notificationKind, reportKind } from './receive.ts';
import { forwardMessage, sendMessage } from './send.ts';

export const messages: Service = {
  name: 'messages',
  specs: [
    'CSP 1.1, 1.2, 1.3: Instant messaging service',
    'RFC 6121 §5: Exchanging Messages',
    'XEP-0079: Advanced Message Processing',
    'XEP-0184: Message Delivery Receipts',
    'XEP-0203: Delayed Delivery',
    'XEP-0066: Out of Band Data',
    'XEP-0231: Bits of Binary',
    'XEP-0363: HTTP File Upload',
    'XEP-0385: Stateless Inline Media Sharing',
    'XEP-0428: Fallback Indication',
    'XEP-0446: File metadata element',
    'XEP-0447: Stateless File Sharing',
    'XEP-0454: OMEMO Media sharing: links',
  ],
  leaves: ['MDELIV', 'FWMSG', 'SETD', 'GETLM', 'GETM', 'REJCM', 'NOTIF', 'NEWM'],
  primitives: {
    'SendMessage-Request': sendMessage,
    'ForwardMessage-Request': forwardMessage,
    'SetDeliveryMethod-Request': setDeliveryMethod,
    'GetMessageList-Request': getMessageList,
    'GetMessage-Request': getMessage,
    'RejectMessage-Request': rejectMessage,
  },
  kinds: { message: messageKind, notification: notificationKind, report: reportKind },
  onStanza: (stanza, session) => (stanza.kind === 'message' ? messageArrived(stanza, session) : undefined),
  // A phone that negotiates says with that what it takes; one that does not is waited for a while.
  onStart: (session) => bring(session, 60_000),
  onResume: (session) => bring(session),
  onNegotiated: afterNegotiation,
};
