// CSP 1.3 "OnlineETEMHandling", "SessionPriority": which of a user's phones gets a message, when several are signed in.
//
// The user's server decides, by the priority of each phone's presence (RFC 6121 §8.5): that is SERVERLOGIC. With FORKALL what
// the server gave to one phone is given to the others too; each shows it once, since a message has one origin. The choice is
// the account's: the phone that made the latest is the one that counts, and others may be told (general notification OEU).

import type { Stanza } from '../../../xmpp/stanza.ts';
import { type Service, set, spread } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { messageArrived } from '../messages/receive.ts';
import { outward, publish } from '../presence/own.ts';

export type OnlineHandling = 'FORKALL' | 'SERVERLOGIC';

export const onlineKey = 'sharing.online';

/** Asked for with every message: read once, and again when it was set. */
const known = slot<{ value: OnlineHandling | undefined }>('sharing-online', () => ({ value: undefined }));

/** As it is kept now. */
export const onlineHandling = async (session: SessionView): Promise<OnlineHandling> =>
  (await session.setting(onlineKey)) === 'FORKALL' ? 'FORKALL' : 'SERVERLOGIC';

const knownHandling = async (session: SessionView): Promise<OnlineHandling> => {
  const state = session.slot(known);
  state.value ??= await onlineHandling(session);
  return state.value;
};

/** What comes for one session alone, such as its own reports, says so by its type or has no text. */
const isToBeShared = (stanza: Stanza): boolean =>
  stanza.kind === 'message' &&
  (stanza.type === undefined || stanza.type === 'chat' || stanza.type === 'normal') &&
  stanza.has('body');

const share = async (stanza: Stanza, session: SessionView): Promise<undefined> => {
  if ((await knownHandling(session)) === 'FORKALL') session.run(async () => [spread({ what: 'message', stanza })]);
};

export const sharing: Service = {
  name: 'sharing',
  specs: ['CSP 1.3: Client capability negotiation: OnlineETEMHandling, SessionPriority'],
  leaves: [],
  primitives: {},
  onStanza: (stanza, session) => (isToBeShared(stanza) ? share(stanza, session) : undefined),
  onNews(news, session) {
    if (news.what === 'set' && news.keys.has(onlineKey)) session.slot(known).value = undefined;
    if (news.what !== 'message') return undefined;
    // Only what is shown: the phone that the server chose is the one that answers for the message.
    return Promise.resolve(messageArrived(news.stanza, session)).then((effects) =>
      effects.filter(({ do: what }) => what === 'enqueue'),
    );
  },
  async onNegotiated(session) {
    const { online } = session.capabilities;
    const isNew = online !== undefined && online !== (await onlineHandling(session));
    // A new priority goes out with the presence, if there was any.
    if (session.version === '1.3')
      session.run(async () => (session.slot(outward).since === undefined ? [] : publish(session)));
    return isNew ? [set(onlineKey, online)] : [];
  },
};
