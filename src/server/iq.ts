// IQ requests (RFC 6120 §8.2.3, RFC 6121 §8.5): each has one child and one owner, found by type, namespace and name.

import type { Stanza } from '../xmpp/stanza.ts';
import type { Host } from './host.ts';
import {
  type AccountRequest,
  accountAnswered,
  accountRequest,
  type Received,
  requestKey,
  serverAnswered,
  serverRequest,
} from './points.ts';
import type { Session } from './sessions/session.ts';

/** What makes an IQ unfit to be routed or handled; undefined when it is fit. */
export const iqFault = ({ type, id, children }: Stanza): string | undefined => {
  if (id === undefined) return 'an iq needs an id';
  if (type === 'result' || type === 'error') return undefined;
  if (type !== 'get' && type !== 'set') return 'an iq is of type get, set, result or error';
  return children.length === 1 ? undefined : 'a request has exactly one child';
};

export const isRequest = ({ kind, type }: Stanza): boolean => kind === 'iq' && (type === 'get' || type === 'set');

const keyOf = ({ type, children }: Stanza): string =>
  requestKey(type ?? '', children[0]?.xmlns ?? '', children[0]?.name ?? '');

/** An IQ for the server itself. */
export const serverIq = async (host: Host, stanza: Stanza, session?: Session): Promise<void> => {
  if (!isRequest(stanza)) return host.hooks.tell(serverAnswered, stanza);
  const { from, elements } = stanza;
  const owner = host.hooks.owner(serverRequest, keyOf(stanza));
  const [payload] = elements;
  if (!owner || !from || !payload) return reply(host, stanza.error('service-unavailable'), session);
  const answer = await owner({ stanza, from, payload, ...(session && { session }) });
  if (answer) await reply(host, answer, session);
};

/** An IQ for an account, answered in its name (RFC 6121 §8.5.2.1.3), in its turn. `session`: the account itself asks. */
export const accountIq = (received: Received, session?: Session): void | Promise<void> => {
  const { user, stanza, turn } = received;
  const { host } = user;
  if (!isRequest(stanza)) return host.hooks.tell(accountAnswered, received);
  const owner = host.hooks.owner(accountRequest, keyOf(stanza));
  const [payload] = stanza.elements;
  if (!owner || !stanza.from || !payload) {
    turn.also(reply(host, stanza.error('service-unavailable'), session));
    return;
  }
  const request: AccountRequest = {
    user,
    stanza,
    from: stanza.from,
    payload,
    turn,
    isOwn: stanza.from.bare.equals(user.jid),
    ...(session && { session }),
  };
  const answer = owner(request);
  const give = (given: Stanza | undefined): void => {
    if (given) turn.also(reply(host, given, session));
  };
  return answer instanceof Promise ? answer.then(give) : give(answer);
};

/** An IQ for a full JID (RFC 6121 §8.5.3), in the account's turn. */
export const sessionIq = ({ user, stanza, turn }: Received): void => {
  const { host } = user;
  const session = stanza.to && user.session(stanza.to);
  if (!session) {
    if (isRequest(stanza)) turn.also(host.route(stanza.error('service-unavailable')));
    return;
  }
  if (!isRequest(stanza)) return session.deliver(stanza);
  // Whoever asks must get an answer, also when the session ends before the request reached its client.
  session.deliver(stanza, {
    received() {},
    missed() {
      host.route(stanza.error('recipient-unavailable')).catch((cause: unknown) => host.events.failed(stanza, cause));
    },
  });
};

const reply = async (host: Host, answer: Stanza, session: Session | undefined): Promise<void> => {
  if (session) session.deliver(answer);
  else await host.route(answer);
};
