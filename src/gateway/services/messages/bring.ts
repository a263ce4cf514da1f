// Files that messages bring, for the phone. A message with a file is stored as it came and held back; then the file is fetched,
// made fit for this phone, and the message takes its place in the queue. So what was acknowledged is not lost when the process
// dies meanwhile: the file is fetched again. What the phone cannot have is told to it in words, and to whoever sent it.
//
// No file waits for one that does not come: of each session a few are worked on at a time, one of each sender and two of each
// server or room, and next is always one of whoever had the fewest turns. How many of all sessions: content/turns.ts. No more
// than two that are fetched wait for one phone (and those that were under way), or twenty that it was told of; the rest stay
// links until it has taken those.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { type Effect, type Effects, enqueue, settle, type WaitingItem } from '../../service.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { abilitiesOf } from '../content/abilities.ts';
import { withoutForbidden } from '../content/charset.ts';
import type { Contents } from '../content/contents.ts';
import { type Form, fit, type Misfit } from '../content/fit.ts';
import { inWords, isCard, readMediaType, typeByName } from '../content/media-type.ts';
import { dataOf, type File, isPromised, ns } from '../content/shared.ts';
import type { Claim, Turn } from '../content/turns.ts';
import { notificationsOf, pushLengthFor, timeLeft, type WaitingOptions, waitingFor, wayFor } from './delivery.ts';
import { complaint } from './fate.ts';
import { type KeptFile, type KeptMessage, keptMessage } from './kept-message.ts';

const fetchedMax = 2;
const toldOfMax = 20;
const retriesMs = [5_000, 30_000, 120_000];
const triesKeptMax = 1000;

/** Files that are worked on for one session at a time: of all, and of one server or room. */
const atOnceMax = 3;
const ofServerMax = 2;

interface Bringing {
  /** On whose account files are worked on, by their messages' seq. */
  readonly going: Map<number, Claim>;
  /** Messages that are done with, and that may still be in an earlier look at the queue. */
  readonly over: Set<number>;
  /** How often each message's file was tried, and when it may be tried again (monotonic ms). */
  readonly tries: Map<string, { count: number; notBefore: number }>;
  /** How many turns those had of whom more is awaited. */
  readonly had: Map<string | undefined, number>;
}
const bringing = slot<Bringing>('messages-bringing', () => ({
  going: new Map(),
  over: new Set(),
  tries: new Map(),
  had: new Map(),
}));

/** Sees to the files that are awaited, soon. */
export const bring = (session: SessionView, delayMs = 0): void => {
  const { contents } = session;
  if (contents) session.after(delayMs, () => session.run(() => bringNext(session, contents)));
};

const bringNext = async (session: SessionView, contents: Contents): Promise<void> => {
  const state = session.slot(bringing);
  // Behind all that is being committed now: what brought us here may be among it.
  await session.apply([]);
  const waiting = await session.waiting('message');
  // A session that is over keeps what it had: nothing of it is tried twice.
  for (const seq of state.over) if (!waiting.some((item) => item.seq === seq)) state.over.delete(seq);
  for (let next = nextOf(waiting, state, session); next; next = nextOf(waiting, state, session)) {
    const { seq } = next;
    const claim = claimOf(session, keptMessage(next));
    state.going.set(seq, claim);
    state.had.set(claim.sender, (state.had.get(claim.sender) ?? 0) + 1);
    const item = next;
    session.run(async () => {
      try {
        const isOver = await contents.turns.take(claim, (turn) => bringOne(session, contents, item, state, turn));
        if (isOver) state.over.add(seq);
        state.going.delete(seq);
        bring(session);
      } catch (cause) {
        // The store failed: not at once again.
        state.going.delete(seq);
        bring(session, retriesMs[0]);
        throw cause;
      }
    });
  }
};

/** On whose account it is fetched. In a room: that of whoever said it there, and the room's. */
const claimOf = (session: SessionView, message: KeptMessage | undefined): Claim => {
  const from = Jid.parse(message?.$origin?.from ?? message?.$file?.from ?? '');
  const room = message?.$room;
  const url = message?.$file?.url;
  const sender = from.ok ? (room === undefined ? from.value.bare : from.value).toString() : undefined;
  const server = room ?? (from.ok ? from.value.domain : undefined);
  return { recipient: session.user.toString(), sender, server, host: url === undefined ? undefined : hostOf(url) };
};

/** In an encrypted file's link it stands in the same place. */
const hostOf = (url: string): string | undefined => {
  const link = url.replace(/^aesgcm:/i, 'https:');
  return URL.canParse(link) ? new URL(link).hostname : undefined;
};

const nextOf = (
  waiting: readonly WaitingItem[],
  { going, over, tries, had }: Bringing,
  session: SessionView,
): WaitingItem | undefined => {
  if (going.size >= atOnceMax) return undefined;
  const fetched = waiting.filter((item) => keptMessage(item)?.$file?.state === 'there');
  const toldOf = fetched.filter(({ held }) => held).length;
  if (toldOf >= toldOfMax || fetched.length - toldOf >= fetchedMax) return undefined;
  const awaited = waiting.flatMap((item) => {
    const message = keptMessage(item);
    return message?.$file?.state === 'awaited' ? [{ item, message, ...claimOf(session, message) }] : [];
  });
  const senders = new Set(awaited.map(({ sender }) => sender));
  for (const sender of had.keys()) if (!senders.has(sender)) had.delete(sender);
  const claims = [...going.values()];
  const now = session.clock.mono();
  const [next, ...others] = awaited.filter(
    ({ item, message, sender, server }) =>
      !going.has(item.seq) &&
      !over.has(item.seq) &&
      (tries.get(idOf(message))?.notBefore ?? 0) <= now &&
      !claims.some((one) => one.sender === sender) &&
      claims.filter((one) => one.server === server).length < ofServerMax,
  );
  const turnsOf = ({ sender }: Claim): number => had.get(sender) ?? 0;
  return others.reduce((best, one) => (best && turnsOf(one) < turnsOf(best) ? one : best), next)?.item;
};

const idOf = ({ MessageInfo }: KeptMessage): string => MessageInfo.MessageID ?? '';

/** False: it will be tried again. */
const bringOne = async (
  session: SessionView,
  contents: Contents,
  item: WaitingItem,
  { tries }: Bringing,
  turn: Turn,
): Promise<boolean> => {
  const message = keptMessage(item) as KeptMessage & { readonly $file: KeptFile };
  const form = await formOf(session, contents, message, turn).catch((cause: unknown): Outcome<Form, Misfit> => {
    // A file that nobody thought of must not hold up those behind it.
    session.log.error({ err: cause }, 'a file for a phone could not be worked on');
    return bad({ code: 410, why: 'it cannot be shown' });
  });
  const id = idOf(message);
  const count = tries.get(id)?.count ?? 0;
  const retryMs = form.ok || form.fault.code !== 503 ? undefined : retriesMs[count];
  if (retryMs !== undefined) {
    if (tries.size >= triesKeptMax) tries.clear();
    contents.events.brought('later');
    tries.set(id, { count: count + 1, notBefore: session.clock.mono() + retryMs });
    bring(session, retryMs);
    return false;
  }
  tries.delete(id);
  // The phone may have rejected it, or the message may have expired, while it was fetched.
  const expiresInMs = timeLeft(item, session);
  const options: WaitingOptions = expiresInMs === undefined ? {} : { expiresInMs };
  const isStill = (await session.waiting('message')).some(({ seq }) => seq === item.seq);
  if (isStill)
    await session.apply([
      settle(item.seq),
      ...(form.ok ? shown(session, message, form.value, options) : told(session, message, form.fault, options)),
    ]);
  return true;
};

const formOf = async (
  session: SessionView,
  contents: Contents,
  { $file, $room }: KeptMessage & { readonly $file: KeptFile },
  turn: Turn,
): Promise<Outcome<Form, Misfit>> => {
  const file = await fetched(session, contents, $file);
  turn.leaveHost();
  if (!file.ok) return file;
  return fit(file.value, abilitiesOf(session, pushLengthFor(session, $room)), contents.pictures);
};

const fetched = async (session: SessionView, contents: Contents, file: KeptFile): Promise<Outcome<File, Misfit>> => {
  const { url, data, cid, type, name } = file;
  const withType = (octets: Uint8Array, found: string | undefined): Outcome<File, Misfit> =>
    isPromised(file, octets)
      ? good({ octets, name, type: type ?? found ?? typeByName(name ?? url ?? '') ?? 'application/octet-stream' })
      : { ok: false, fault: { code: 410, why: 'it is not the file that was sent' } };
  if (data) return withType(data, undefined);
  if (url !== undefined) {
    const got = await contents.web.get(url, contents.bytesMax);
    if (got.ok) return withType(got.value.octets, known(got.value.type));
    session.log.info({ reason: got.fault.reason, text: got.fault.text }, 'a file for a phone could not be fetched');
    const { reason, text } = got.fault;
    const code = reason === 'too-large' ? 432 : reason === 'temporary' ? 503 : 410;
    // Why it failed is for the operator: a sender would learn what stands beside this machine, and which of its ports are open.
    const why = reason === 'too-large' ? text : 'it cannot be fetched';
    return { ok: false, fault: { code, why } };
  }
  const from = Jid.parse(file.from ?? '');
  const answer =
    from.ok && cid !== undefined
      ? await session.iq({ type: 'get', to: from.value, child: el('data', { xmlns: ns.bob, cid }) })
      : undefined;
  const found = answer?.ok ? dataOf(answer.value) : undefined;
  return found
    ? withType(found.octets, found.type)
    : { ok: false, fault: { code: 410, why: 'its sender does not give it' } };
};

/** What web servers say of everything they do not know says nothing. */
const known = (type: string | undefined): string | undefined =>
  type && readMediaType(type).media !== 'application/octet-stream' ? type : undefined;

const shown = (session: SessionView, message: KeptMessage, { info, data }: Form, options: WaitingOptions): Effects => {
  const { ContentEncoding: _, ...rest } = message.MessageInfo;
  const next: KeptMessage = {
    ...message,
    MessageInfo: { ...rest, ...info, ContentName: message.$file?.name },
    ContentData: data,
    $file: { ...(message.$file as KeptFile), state: 'there' },
  };
  const way = wayFor(session, next);
  if (way === 'refuse') return told(session, message, { code: 432, why: 'it is too much for this phone' }, options);
  session.contents?.events.brought('shown');
  return waitingFor(next, way, options);
};

/** In words instead. The sender hears of it, unless the words say all that was in it, or it went to a whole room. */
export const told = (
  session: SessionView,
  message: KeptMessage,
  { code, why }: Misfit,
  options: WaitingOptions = {},
): Effects => {
  session.contents?.events.brought('told');
  const { $origin: origin, $file } = message;
  const file = $file as KeptFile;
  const { media } = readMediaType(file.type ?? '');
  const isSaid = isCard(media) && file.words.includes('\n');
  const size = file.size === undefined ? undefined : inWords(file.size);
  const what = [media || undefined, size].filter(Boolean).join(', ') || 'a file';
  const text = isSaid ? file.words : `${file.words ? `${file.words}\n` : ''}(${what}: ${why})`;
  const clean = withoutForbidden(text);
  const next: KeptMessage = {
    ...message,
    MessageInfo: { ...message.MessageInfo, ContentType: 'text/plain', ContentSize: clean.length },
    ContentData: clean,
    // Either a receipt or a report of what was missing.
    ...(origin && !isSaid && { $origin: { ...origin, receipt: false } }),
    $file: { ...file, state: 'told', data: undefined },
  };
  const way = wayFor(session, next);
  const fate = code === 503 ? 410 : code;
  const report = isSaid
    ? []
    : complaint(origin, 'not-acceptable', `The phone of this user could not be given ${what}: ${why}.`, { code: fate });
  if (way === 'refuse') return report;
  return [...waitingFor(next, way, options), ...report];
};

/** Files that were made fit for another phone of the user than this one are fetched again. */
export const reconsider = async (session: SessionView): Promise<Effects> => {
  if (!session.contents) return [];
  const effects: Effect[] = [];
  for (const item of await session.waiting('message')) {
    const message = keptMessage(item);
    if (message?.$file?.state !== 'there') continue;
    const { ContentType = '', ContentSize = 0 } = message.MessageInfo;
    const phone = abilitiesOf(session, pushLengthFor(session, message.$room));
    const { media } = readMediaType(ContentType);
    if (phone.takes(media) && ContentSize <= phone.lengthMax(media)) continue;
    const expiresInMs = timeLeft(item, session);
    effects.push(
      settle(item.seq, ...(await notificationsOf(session, message))),
      ...awaiting(message, { ...(expiresInMs !== undefined && { expiresInMs }) }),
    );
  }
  return effects;
};

/** The message as it waits for its file. */
export const awaiting = (message: KeptMessage, { origin, expiresInMs }: WaitingOptions): Effects => {
  const { ContentData: _, ...rest } = message;
  const primitive: KeptMessage = { ...rest, $file: { ...(message.$file as KeptFile), state: 'awaited' } };
  const messageId = idOf(message);
  return [
    enqueue({
      kind: 'message',
      primitive,
      messageId,
      durable: true,
      held: true,
      ...(origin !== undefined && { origin }),
      ...(expiresInMs !== undefined && { expiresInMs }),
    }),
  ];
};

/** Could the phone be given it at all, as far as can be told from what it is said to be? */
export const isHopeless = (session: SessionView, { type }: KeptFile, room: string | undefined): boolean => {
  if (!session.contents) return true;
  const { media } = readMediaType(type ?? '');
  if (media === '') return false;
  const phone = abilitiesOf(session, pushLengthFor(session, room));
  return !phone.takes(media) && !(media.startsWith('image/') && phone.pictures.length > 0);
};
