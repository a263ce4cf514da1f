// XEP-0191 Blocking Command 1.3: in full. A blocked address neither reaches the account nor sees it, and cannot tell that
// from an account that is away.

import { judge, own } from '../../../base/hooks.ts';
import { childrenNamed, type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { messageType } from '../../messages/rules.ts';
import { type AccountRequest, accountRequest, mayDeliver, maySend, type Refusal, requestKey } from '../../points.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';
import { sendPresenceTo, sendUnavailableTo } from '../presence/broadcast.ts';
import { viewOf } from '../presence/view.ts';

const xmlns = 'urn:xmpp:blocking';

export const blocking: Feature = {
  specs: [{ id: 'XEP-0191', name: 'Blocking Command', version: '1.3', scope: 'all', namespaces: [xmlns] }],
  taps: () => [
    own(accountRequest, requestKey('get', xmlns, 'blocklist'), list),
    own(accountRequest, requestKey('set', xmlns, 'block'), block),
    own(accountRequest, requestKey('set', xmlns, 'unblock'), unblock),
    judge(mayDeliver, 'block-list', ({ user, stanza }) =>
      stanza.from && user.blocks.has(stanza.from) ? refusalOf(stanza) : undefined,
    ),
    judge(maySend, 'block-list', ({ user, stanza }) =>
      stanza.to && user.blocks.has(stanza.to) ? notAcceptable : undefined,
    ),
    advertise('server', xmlns),
  ],
};

/** §3.2: to the sender. */
const notAcceptable: Refusal = {
  condition: 'not-acceptable',
  type: 'cancel',
  extra: el('blocked', { xmlns: 'urn:xmpp:blocking:errors' }),
};

/** §3.2: presence gets no answer at all, messages and requests the one that nobody's account gives. */
const refusalOf = (stanza: Stanza): Refusal => {
  const type = stanza.kind === 'message' ? messageType(stanza) : undefined;
  const isSilent = stanza.kind === 'presence' || type === 'headline' || type === 'groupchat';
  return { condition: 'service-unavailable', isSilent };
};

const list = ({ user, stanza, session }: AccountRequest): Stanza => {
  if (!session) return stanza.error('forbidden');
  session.wantsBlockPushes = true;
  return stanza.result(
    el(
      'blocklist',
      { xmlns },
      user.blocks.entries.map((jid) => el('item', { jid })),
    ),
  );
};

/** The addresses in <block/> or <unblock/>, in canonical form; undefined when one is none. */
const readItems = (payload: Element): string[] | undefined => {
  const jids: string[] = [];
  for (const { attrs } of childrenNamed(payload, 'item')) {
    const jid = Jid.parse(attrs.jid ?? '');
    if (!jid.ok) return undefined;
    jids.push(jid.value.toString());
  }
  return [...new Set(jids)];
};

/** Roster contacts and others that presence was sent to, to whom the change makes a difference. */
const affected = (user: LocalUser, wasBlocked: (jid: Jid) => boolean): Jid[] => {
  const known = [...user.roster.records].map(({ contact }) => Jid.from(contact));
  return known.filter((jid) => user.blocks.has(jid) !== wasBlocked(jid));
};

const block = async ({ user, stanza, payload, session, turn }: AccountRequest): Promise<Stanza> => {
  if (!session) return stanza.error('forbidden');
  const entries = readItems(payload);
  if (!entries) return stanza.error('jid-malformed');
  if (entries.length === 0) return stanza.error('bad-request');
  if (user.blocks.size + entries.length > user.host.limits.blockedMax)
    return stanza.error('resource-constraint', { text: 'the block list is full' });
  const before = [...user.roster.records].map(({ contact }) => Jid.from(contact)).filter((jid) => user.blocks.has(jid));
  await user.blocks.add(entries);
  for (const contact of affected(user, (jid) => before.some((one) => one.equals(jid)))) {
    if (user.roster.letsSee(contact)) sendUnavailableTo(user, contact, turn);
    if (user.roster.sees(contact)) viewOf(user.host).remove(user, contact);
  }
  for (const one of user.available)
    for (const [key, to] of one.directed)
      if (user.blocks.has(to)) {
        one.directed.delete(key);
        if (!user.roster.letsSee(to))
          turn.also(user.host.broadcast(Stanza.make({ kind: 'presence', type: 'unavailable', from: one.jid, to })));
      }
  push(user, 'block', entries);
  return stanza.result();
};

const unblock = async ({ user, stanza, payload, session, turn }: AccountRequest): Promise<Stanza> => {
  if (!session) return stanza.error('forbidden');
  const entries = readItems(payload);
  if (!entries) return stanza.error('jid-malformed');
  const before = [...user.roster.records].map(({ contact }) => Jid.from(contact)).filter((jid) => user.blocks.has(jid));
  await user.blocks.remove(entries.length > 0 ? entries : undefined);
  for (const contact of affected(user, (jid) => before.some((one) => one.equals(jid)))) {
    if (user.roster.letsSee(contact)) sendPresenceTo(user, contact, turn);
    if (user.roster.sees(contact)) viewOf(user.host).add(user, contact);
  }
  push(user, 'unblock', entries);
  return stanza.result();
};

/** §3.2, §3.3: every resource that has asked for the list hears of the change. */
const push = (user: LocalUser, name: 'block' | 'unblock', entries: readonly string[]): void => {
  for (const session of user.sessions.values())
    if (session.wantsBlockPushes)
      session.deliver(
        Stanza.make(
          { kind: 'iq', type: 'set', id: user.host.random.id(10), to: session.jid },
          el(
            name,
            { xmlns },
            entries.map((jid) => el('item', { jid })),
          ),
        ),
      );
};
