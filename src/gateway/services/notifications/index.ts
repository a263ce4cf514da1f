// CSP 1.3 "General notification": a phone is told what changed without its doing: by another phone of its user, by a client
// at the server, by others in its groups. The meaning of the types is inferred from their names and contents; of IA, IR and
// IC it is taken that another phone of the user accepted, refused or withdrew an invitation.

import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import type { News } from '../../news.ts';
import type { Effects, Service } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { roster } from '../common/roster.ts';
import { groupOf } from '../groups/address.ts';
import { shown } from '../invitations/kept.ts';
import { onlineHandling, onlineKey } from '../sharing/index.ts';
import { accessWatched, attributeListsWatched } from './access.ts';
import { contactListsWatched } from './lists.ts';
import { beginWatching, changedElsewhere, changedHere, type Watched } from './look.ts';
import { membershipNews } from './membership.ts';
import { ownProfileNews, profileNews } from './profiles.ts';
import { subscribe, unsubscribe } from './subscribe.ts';
import { notify, wants } from './subscribed.ts';

const blockingNamespace = 'urn:xmpp:blocking';

/** What is looked at when a value of the account was set. */
const watchedBySetting = new Map<string, Watched>([
  ['contact-lists.kept', contactListsWatched],
  ['blocking.lists', accessWatched],
  ['presence.attribute-lists', attributeListsWatched],
]);

const settingsWatched = [...watchedBySetting.keys(), onlineKey];

const following = slot<{ isOn: boolean }>('notifications-following', () => ({ isOn: false }));
const follow = (session: SessionView): void => {
  if (session.version !== '1.3') return;
  const state = session.slot(following);
  if (state.isOn) return;
  state.isOn = true;
  session.slot(roster).watch((_jid, _item, isOwn) => {
    if (isOwn) changedHere(session, contactListsWatched);
    else changedElsewhere(session, contactListsWatched, false);
  });
};

const heard = async (news: News, session: SessionView): Promise<Effects> => {
  switch (news.what) {
    case 'set': {
      for (const [key, what] of watchedBySetting) {
        if (!news.keys.has(key)) continue;
        if (news.isOwn) changedHere(session, what);
        else changedElsewhere(session, what, true);
      }
      return news.keys.has(onlineKey) && !news.isOwn
        ? notify(session, 'OEU', { OnlineETEMHandling: await onlineHandling(session) })
        : [];
    }
    case 'profile':
      return ownProfileNews(session);
    case 'group': {
      const type = news.event === 'created' ? 'GC' : 'GD';
      return wants(session, type)
        ? notify(session, type, { GroupID: await groupOf(session, Jid.from(news.room)) })
        : [];
    }
    case 'invitation-answered': {
      const type = news.isAccepted ? 'IA' : 'IR';
      // Each phone was shown the invitation under an id of its own.
      const own = [...(await shown.open(session))].find(
        ([, { from, id, room, phone }]) =>
          from === news.from && id === news.id && room === news.room && phone === session.jid.resource,
      );
      return own ? notify(session, type, { InviteID: own[0] }) : [];
    }
    case 'invitation-withdrawn':
      return notify(session, 'IC', { InviteID: news.id });
    case 'message':
    case 'announcements':
      return [];
  }
};

/** Looks at what others take. */
const seen = (stanza: Stanza, session: SessionView): Effects => {
  if (stanza.kind === 'presence') return [...membershipNews(stanza, session), ...profileNews(stanza, session)];
  const isBlockPush =
    stanza.kind === 'iq' &&
    stanza.type === 'set' &&
    (stanza.has('block', blockingNamespace) || stanza.has('unblock', blockingNamespace));
  if (isBlockPush) changedElsewhere(session, accessWatched, false);
  return [];
};

export const notifications: Service = {
  name: 'notifications',
  specs: ['CSP 1.3: General notification', 'XEP-0153: vCard-Based Avatars, as a sign of a new vCard'],
  leaves: [],
  primitives: { 'SubscribeNotification-Request': subscribe, 'UnsubscribeNotification-Request': unsubscribe },
  kinds: { 'general-notification': { outlivesSession: false } },
  onStanza(stanza, session) {
    const effects = session.version === '1.3' ? seen(stanza, session) : [];
    if (effects.length > 0) session.run(async () => effects);
    return undefined;
  },
  onNews(news, session) {
    const isOurs =
      session.version === '1.3' && (news.what !== 'set' || settingsWatched.some((key) => news.keys.has(key)));
    return isOurs ? heard(news, session) : undefined;
  },
  onStart: follow,
  onResume(session) {
    follow(session);
    if (session.version === '1.3') session.run(() => beginWatching(session));
  },
};
