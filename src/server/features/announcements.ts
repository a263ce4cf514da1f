// What the operator has to say (src/store/announcements.ts), to XMPP clients: a message from the domain, once to each account,
// at once where somebody is there, else when somebody comes. Phones hear it from the gateway.

import { add } from '../../base/hooks.ts';
import {
  type Announcement,
  announcementsFor,
  heardKey,
  readAnnouncements,
  readHeard,
  withHeard,
} from '../../store/announcements.ts';
import { el } from '../../xml/element.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import type { Host } from '../host.ts';
import { arrives } from '../points.ts';
import type { Session } from '../sessions/session.ts';
import type { LocalUser } from '../users/local-user.ts';
import type { Feature } from './feature.ts';

const mark = 'urn:onesoup:announcement';

export const announcements: Feature = {
  specs: [],
  taps: () => [
    add(arrives, 'messages', (works, { user, session, takesMessages }) =>
      takesMessages ? [...works, () => say(user, [session])] : works,
    ),
  ],
};

/** The list as it was read last: it changes only by the operator's word. */
const known = new WeakMap<Host, Promise<readonly Announcement[]>>();
const listOf = async (host: Host): Promise<readonly Announcement[]> => {
  const list = known.get(host) ?? readAnnouncements(host.store);
  known.set(host, list);
  try {
    return await list;
  } catch (cause) {
    known.delete(host);
    throw cause;
  }
};

/** To everybody who is there now; resolves when all have been told. */
export const announceTo = async (host: Host): Promise<void> => {
  known.delete(host);
  await Promise.all(
    host.users.inMemory.map((user) =>
      user.turns.run(async () => {
        const { takingMessages } = user;
        if (takingMessages.length > 0) await say(user, takingMessages);
      }),
    ),
  );
};

/** In the account's turn. */
const say = async (user: LocalUser, sessions: readonly Session[]): Promise<void> => {
  const { store, clock } = user.host;
  const account = user.jid.toString();
  const all = await listOf(user.host);
  if (all.length === 0) return;
  const heard = readHeard(await store.csp.setting(account, heardKey));
  const open = announcementsFor(all, account, clock.wall()).filter(({ id }) => !heard[id]?.isSent);
  if (open.length === 0) return;
  for (const one of open) user.deliverTo(sessions, messageOf(user.host, one));
  await store.together(async ({ csp }) => {
    let text = await csp.setting(account, heardKey);
    for (const { id } of open) text = withHeard(text, id, (state) => ({ ...state, isSent: true }), all);
    await csp.setSetting(account, heardKey, text);
  });
};

const messageOf = ({ domain }: Host, { id, text, options }: Announcement): Stanza =>
  Stanza.make(
    { kind: 'message', from: domain, id: `announcement-${id}` },
    el('body', null, [text, ...options.map((option, n) => `${n + 1}. ${option}`)].join('\n')),
    el('announcement', { xmlns: mark, id }),
  );
