// A small real service for tests of the gateway itself: messages both ways and the presence of others, by the plainest
// mapping there is. What phones are served is in services/.

import type { Primitive, StructureOf } from '../../imps/primitives.ts';
import { result } from '../../imps/transaction.ts';
import { el, textOf } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { enqueue, type Service, send, tell } from '../service.ts';
import { keptSlot } from '../session-view.ts';
import { accountOf } from '../sign-in/user-id.ts';

/** How many messages the session has sent: shows that kept slots survive. */
export const sentCount = keptSlot<number>('courier sent', 0);

export const courier: Service = {
  name: 'courier',
  specs: ['CSP 1.1 to 1.3 Instant messaging'],
  leaves: ['NEWM', 'GCLI', 'MCLS', 'GETPR', 'UPDPR'],
  primitives: {
    async 'SendMessage-Request'(request, session) {
      const [user] = request.MessageInfo.Recipient.User ?? [];
      const to = user && accountOf(user.UserID, session.user.domain);
      if (!to) return { name: 'SendMessage-Response', Result: result(531) };
      const id = session.random.id(10);
      const body = el('body', null, String(request.ContentData ?? ''));
      const count = session.slot(sentCount) + 1;
      return {
        answer: { name: 'SendMessage-Response', Result: result(200), MessageID: `m${count}` },
        effects: [
          send(Stanza.make({ kind: 'message', type: 'chat', id, to }, body)),
          { do: 'keep', slot: sentCount, value: count },
        ],
      };
    },
    'GetList-Request': async (_request, session) => ({
      name: 'GetList-Response',
      ContactList: [`wv:${session.user.local}/${(await session.setting('courier.list')) ?? 'main'}`],
    }),
    'CreateList-Request': (request) => ({
      answer: { name: 'Status', Result: result(200) },
      effects: [{ do: 'set', key: 'courier.list', value: request.ContactList }],
    }),
    async 'GetPresence-Request'(_request, session) {
      const asked = await session.iq({ type: 'get', child: el('query', { xmlns: 'jabber:iq:roster' }) });
      return { name: 'GetPresence-Response', Result: result(asked.ok ? 200 : 500) };
    },
    'Search-Request'() {
      throw new Error('a broken service');
    },
  },
  kinds: {
    message: { outlivesSession: true },
    presence: {
      outlivesSession: false,
      join: (primitives, { personality }) =>
        personality.onePresencePerNotification
          ? undefined
          : {
              name: 'PresenceNotification-Request',
              Presence: primitives.flatMap((one) => (one.name === 'PresenceNotification-Request' ? one.Presence : [])),
            },
    },
  },
  onStart: () => [tell(Stanza.make({ kind: 'presence' }))],
  onStanza(stanza, session) {
    if (stanza.kind === 'message' && stanza.has('body')) {
      const messageId = session.random.id(10);
      return [
        enqueue({
          kind: 'message',
          primitive: newMessage(session.user, stanza, messageId),
          durable: true,
          messageId,
          origin: `${stanza.from} ${stanza.id}`,
        }),
      ];
    }
    if (stanza.kind === 'presence' && stanza.from && !stanza.from.bare.equals(session.user))
      return [
        enqueue({
          kind: 'presence',
          primitive: notification(stanza.from.bare.toString(), stanza.type === undefined),
          durable: false,
          replaces: stanza.from.bare.toString(),
        }),
      ];
    return undefined;
  },
};

const newMessage = (user: Jid, stanza: Stanza, messageId: string): Primitive => {
  const body = stanza.child('body');
  const text = body ? textOf(body) : '';
  return {
    name: 'NewMessage',
    MessageInfo: {
      MessageID: messageId,
      ContentType: 'text/plain',
      ContentSize: text.length,
      Recipient: { User: [{ UserID: `wv:${user}` }] },
      Sender: { User: { UserID: `wv:${stanza.from?.bare}` } },
    },
    ContentData: text,
  };
};

const notification = (contact: string, isOnline: boolean): Primitive => ({
  name: 'PresenceNotification-Request',
  Presence: [{ UserID: `wv:${contact}`, PresenceSubList: [presenceOf(isOnline)] }],
});
const presenceOf = (isOnline: boolean): StructureOf<'PresenceSubList'> => ({
  OnlineStatus: [{ Qualifier: true, PresenceValue: isOnline }],
});
