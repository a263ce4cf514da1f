// Who may see the user: CSP 1.1, 1.2 "Reactive presence authorization", 1.3 general notification ANU, and attribute lists,
// over XMPP subscription requests (RFC 6121 §3.1).
//
// An attribute list decides at once. Otherwise the phone is asked, when it said that it can be (REACT, or 1.3). While nobody
// answers, the request stays with the server, which shows it again at the next sign-in, also to the user's other clients.

import type { Primitive, StructureOf } from '../../../imps/primitives.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { jidOfUser, userOfJid } from '../../mapping/address.ts';
import type { AttributeName } from '../../mapping/presence-table.ts';
import { namesOnly, wishOf } from '../../mapping/sub-list.ts';
import { statusOf } from '../../result.ts';
import {
  type Effect,
  type Effects,
  enqueue,
  type Handler,
  keep,
  send,
  settle,
  type WaitingKind,
} from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';
import { isWatcher, roster } from '../common/roster.ts';
import { listsOf } from '../contact-lists/lists.ts';
import { keptLists } from '../contact-lists/session-lists.ts';
import { takesQuestions } from '../notifications/subscribed.ts';
import { type AttributeList, type AttributeLists, entryFor } from './attribute-lists.ts';
import { attributeLists, publish } from './own.ts';

/** By bare JID, since when (wall-clock ms): asked, and not answered. */
const requests: Kept<Readonly<Record<string, number>>> = kept('presence.requests', {});
const requestsMax = 200;
const lookAgainMs = 1000;

/** Bare JIDs that were refused. */
const denied: Kept<readonly string[]> = kept('presence.denied', []);
const deniedMax = 200;

/**
 * Bare JIDs this session was asked about, until there is an answer: servers repeat requests with every Link. The next sign-in
 * begins anew, and so does the next request after an answer.
 */
const questions = keptSlot<readonly string[]>('presence-questions', []);

/**
 * By bare JID, the answers that the phone gave a moment ago: after a restart the server may put a request once more that it has
 * the answer to only now.
 */
const answers = keptSlot<Readonly<Record<string, { readonly at: number; readonly verdict: Verdict }>>>(
  'presence-answers',
  {},
);
type Verdict = 'subscribed' | 'unsubscribed';
const answersMax = 20;
const answerHoldsMs = 60_000;
/** Wall-clock ms of the last new Link: what was answered before it the server may not have heard. */
const linkedAt = slot<{ at: number }>('presence-linked', ({ clock }) => ({ at: clock.wall() }));
export const hasNewLink = (session: SessionView): void => {
  session.slot(linkedAt).at = session.clock.wall();
};
const answered = (session: SessionView, user: string, verdict: Verdict | undefined): Effect => {
  const others = Object.entries(session.slot(answers)).filter(([other]) => other !== user);
  const now = verdict === undefined ? [] : [[user, { at: session.clock.wall(), verdict }] as const];
  return keep(answers, Object.fromEntries([...now, ...others].slice(0, answersMax)));
};

/** What a subscription shows: the attributes named in the question. */
const asked: readonly AttributeName[] = ['OnlineStatus', 'UserAvailability', 'StatusText'];

const verdict = (session: SessionView, to: Jid, type: Verdict): Effect =>
  send(Stanza.make({ kind: 'presence', type, id: session.random.id(12), to }));

/** Somebody asks to subscribe. */
export const subscribeAsked = async (stanza: Stanza, session: SessionView): Promise<Effects> => {
  const who = stanza.from?.bare;
  if (who?.local === undefined || who.equals(session.user)) return [];
  const user = who.toString();
  // Approved already: the server asks because it lost count.
  if (isWatcher(session.slot(roster).items.get(user))) return [verdict(session, who, 'subscribed')];
  const given = Object.hasOwn(session.slot(answers), user) ? session.slot(answers)[user] : undefined;
  const isOfBefore = given && given.at <= session.slot(linkedAt).at && session.clock.wall() - given.at < answerHoldsMs;
  if (isOfBefore) return [verdict(session, who, given.verdict)];
  const lists = await attributeLists.read(session);
  const entry = await entryNow(session, lists, user);
  if (entry && entry.names.length > 0) return [verdict(session, who, 'subscribed')];
  const mayAsk = entry?.notify ?? true;
  // An entry of their own without attributes refuses; in 1.3 it may say that the user wants to be asked all the same.
  const isRefused = Object.hasOwn(lists.users, user) && !(session.version === '1.3' && mayAsk);
  if (isRefused) return [verdict(session, who, 'unsubscribed')];

  // The phone may be changing its attribute lists at this very moment, not knowing of the request: look once more.
  session.after(lookAgainMs, async () => answerOpen(session, await attributeLists.read(session)));
  const open = await requests.read(session);
  const kept = Object.entries({ [user]: session.clock.wall(), ...open }).slice(0, requestsMax);
  const put = session.slot(questions);
  if (put.includes(user)) return [requests.write(Object.fromEntries(kept))];
  const asks = question(session, who, mayAsk, (await denied.read(session)).includes(user));
  const effects = asks.length > 0 ? [...asks, keep(questions, [user, ...put].slice(0, requestsMax))] : [];
  return [requests.write(Object.fromEntries(kept)), ...effects];
};

/** The question to the phone, where it can take one. `mayAsk`: what 1.3 says with a list, UserNotify and its like. */
const question = (session: SessionView, who: Jid, mayAsk: boolean, isDenied: boolean): Effects => {
  const UserID = userOfJid(who);
  if (UserID === undefined) return [];
  const PresenceSubList = namesOnly(asked);
  if (session.version === '1.3') {
    if (!mayAsk || !takesQuestions(session)) return [];
    const UserIDList = { UserID: [UserID] };
    return ask(who, { name: 'Notification-Request', NotificationType: 'ANU', PresenceSubList, UserIDList }, isDenied);
  }
  return session.features.has('REACT')
    ? ask(who, { name: 'PresenceAuth-Request', UserID, PresenceSubList }, isDenied)
    : [];
};
const ask = (who: Jid, primitive: Primitive, isDenied: boolean): Effects => [
  enqueue({
    kind: 'authorization',
    primitive,
    durable: true,
    replaces: who.toString(),
    // Who was refused may ask again, but has the user asked once a day only.
    ...(isDenied && { origin: `subscribe ${who}` }),
  }),
];

/** The server shows the request again at the next sign-in: it need not wait here. */
export const authorizationKind: WaitingKind = { outlivesSession: false };

/** Those whom the roster says to be let subscribe, perhaps by another client: nothing is left to ask about them. */
export const answeredElsewhere = async (session: SessionView): Promise<Effects> => {
  const open = Object.entries(await requests.read(session));
  const items = session.slot(roster).items;
  const left = open.filter(([user]) => !isWatcher(items.get(user)));
  if (left.length === open.length) return [];
  const effects: Effect[] = [requests.write(Object.fromEntries(left))];
  for (const [user] of open) if (isWatcher(items.get(user))) effects.push(...(await settled(session, Jid.from(user))));
  return effects;
};

/** The question about this user that still waits: it has its answer. */
const settled = async (session: SessionView, who: Jid): Promise<Effects> => {
  const UserID = userOfJid(who);
  const waiting = (await session.waiting('authorization')).filter(
    ({ primitive }) =>
      (primitive.name === 'PresenceAuth-Request' && primitive.UserID === UserID) ||
      (primitive.name === 'Notification-Request' && primitive.UserIDList?.UserID?.[0] === UserID),
  );
  const put = session.slot(questions);
  const user = who.bare.toString();
  return [
    ...(waiting.length > 0 ? [settle(...waiting.map(({ seq }) => seq))] : []),
    ...(put.includes(user)
      ? [
          keep(
            questions,
            put.filter((one) => one !== user),
          ),
        ]
      : []),
  ];
};

/** What the lists say about somebody, by the contact lists they are in now. */
const entryNow = async (
  session: SessionView,
  lists: AttributeLists,
  user: string,
): Promise<AttributeList | undefined> => {
  const all = listsOf(session.slot(roster).items.values(), await keptLists.read(session));
  const memberOf = all
    .filter(({ members }) => members.some(({ jid }) => jid.toString() === user))
    .map(({ name }) => name);
  return entryFor(lists, user, memberOf);
};

/** Attribute lists changed: requests that wait for an answer may have one now. */
export const answerOpen = async (session: SessionView, lists: AttributeLists): Promise<Effects> => {
  const open = await requests.read(session);
  const left: Record<string, number> = {};
  const effects: Effect[] = [];
  const refused: string[] = [];
  for (const [user, at] of Object.entries(open)) {
    const entry = await entryNow(session, lists, user);
    const who = Jid.from(user);
    const isYes = entry !== undefined && entry.names.length > 0;
    if (!isYes && Object.hasOwn(lists.users, user)) refused.push(user);
    if (isYes || Object.hasOwn(lists.users, user))
      effects.push(verdict(session, who, isYes ? 'subscribed' : 'unsubscribed'), ...(await settled(session, who)));
    else left[user] = at;
  }
  if (refused.length > 0) {
    const before = await denied.read(session);
    effects.push(denied.write([...new Set([...refused, ...before])].slice(0, deniedMax)));
  }
  return effects.length > 0 ? [...effects, requests.write(left)] : [];
};

/** A user's own entry without attributes takes back what was granted: 1.3 has no other way. */
export const endSubscriptions = async (session: SessionView, lists: AttributeLists): Promise<Effects> => {
  const items = await session.slot(roster).ready();
  return Object.entries(lists.users).flatMap(([user, { names }]) =>
    names.length === 0 && isWatcher(items.get(user)) ? [verdict(session, Jid.from(user), 'unsubscribed')] : [],
  );
};

/** 1.1, 1.2: the decision. Attributes named with a yes are what this user may see; none named: what was asked for. */
export const presenceAuthUser: Handler<'PresenceAuth-User'> = async (request, session) => {
  const who = jidOfUser(request.UserID, session.user.domain);
  if (!who) return statusOf(531);
  const user = who.toString();
  const { [user]: _, ...open } = await requests.read(session);
  const refused = (await denied.read(session)).filter((one) => one !== user);
  const says: Verdict = request.Acceptance ? 'subscribed' : 'unsubscribed';
  const effects: Effect[] = [
    verdict(session, who, says),
    answered(session, user, says),
    requests.write(open),
    ...(await settled(session, who)),
  ];
  if (!request.Acceptance)
    return { answer: statusOf(200), effects: [...effects, denied.write([user, ...refused].slice(0, deniedMax))] };
  effects.push(denied.write(refused));
  const names = wishOf(request.PresenceSubList);
  if (names) {
    const before = await attributeLists.read(session);
    const lists: AttributeLists = { ...before, users: { ...before.users, [user]: { names, notify: true } } };
    effects.push(attributeLists.write(lists), ...(await publish(session, { lists })));
  }
  return { answer: statusOf(200), effects };
};

/** Takes a yes back: the user sees nothing from now on. */
export const cancelAuth: Handler<'CancelAuth-Request'> = async (request, session) => {
  const who = jidOfUser(request.UserID, session.user.domain);
  const user = who?.toString() ?? '';
  const items = await session.slot(roster).ready();
  const refused = await denied.read(session);
  const before = await attributeLists.read(session);
  if (!who || !(items.has(user) || refused.includes(user) || Object.hasOwn(before.users, user))) return statusOf(531);
  const { [user]: _, ...users } = before.users;
  return {
    answer: statusOf(200),
    effects: [
      verdict(session, who, 'unsubscribed'),
      answered(session, user, undefined),
      denied.write(refused.filter((one) => one !== user)),
      attributeLists.write({ ...before, users }),
    ],
  };
};

/** 1.2: the decisions so far. */
export const getReactiveAuthStatus: Handler<'GetReactiveAuthStatus-Request'> = async (request, session) => {
  const items = await session.slot(roster).ready();
  const states = new Map<string, 'GRANTED' | 'DENIED' | 'PENDING'>();
  for (const user of await denied.read(session)) states.set(user, 'DENIED');
  for (const user of Object.keys(await requests.read(session))) states.set(user, 'PENDING');
  for (const [user, item] of items) if (isWatcher(item)) states.set(user, 'GRANTED');
  const wanted = request.UserID?.map((text) => jidOfUser(text, session.user.domain)?.toString());
  const ReactiveAuthStatus = [...states].flatMap(([user, state]): StructureOf<'ReactiveAuthStatus'>[] => {
    const UserID = userOfJid(Jid.from(user));
    return UserID === undefined || (wanted?.length && !wanted.includes(user))
      ? []
      : [{ UserID, ReactiveAuthState: state }];
  });
  return { name: 'GetReactiveAuthStatus-Response', ReactiveAuthStatusList: { ReactiveAuthStatus } };
};
