// Files that messages bring, for the phone. A message with a file is stored as it came and held back; then the file is fetched,
// made fit for this phone, and the message takes its place in the queue. So what was acknowledged is not lost when the process
// dies meanwhile: the file is fetched again. What the phone cannot have is told to it in words, and to whoever sent it.
//
// Memory: of each session one file at a time is worked on, of all sessions a few (Contents.turns). No more than two that are
// fetched wait for one phone, or twenty that it was told of; the rest stay links until it has taken those.

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
import { notificationsOf, pushLengthFor, timeLeft, type WaitingOptions, waitingFor, wayFor } from './delivery.ts';
import { complaint } from './fate.ts';
import { type KeptFile, type KeptMessage, keptMessage } from './kept-message.ts';

const fetchedMax = 2;
const toldOfMax = 20;
const retriesMs = [5_000, 30_000, 120_000];
const triesKeptMax = 1000;

interface Bringing {
  isBusy: boolean;
  /** How often each message's file was tried, and when it may be tried again (monotonic ms). */
  readonly tries: Map<string, { count: number; notBefore: number }>;
}
const bringing = slot<Bringing>('messages-bringing', () => ({ isBusy: false, tries: new Map() }));

/** Sees to the files that are awaited: soon, and one after the other. */
export const bring = (session: SessionView, delayMs = 0): void => {
  const { contents } = session;
  if (contents) session.after(delayMs, () => session.run(() => bringAll(session, contents)));
};

const bringAll = async (session: SessionView, contents: Contents): Promise<void> => {
  const state = session.slot(bringing);
  if (state.isBusy) return;
  state.isBusy = true;
  try {
    for (let last: number | undefined; ; ) {
      // Behind all that is being committed now: what brought us here may be among it.
      await session.apply([]);
      const next = nextOf(await session.waiting('message'), state, session);
      // Still there after its turn: the session is over, and nothing of it changes any more.
      if (!next || next.seq === last) return;
      last = next.seq;
      await contents.turns.take(() => bringOne(session, contents, next, state));
    }
  } finally {
    state.isBusy = false;
  }
};

const nextOf = (
  waiting: readonly WaitingItem[],
  { tries }: Bringing,
  session: SessionView,
): WaitingItem | undefined => {
  const fetched = waiting.filter((item) => keptMessage(item)?.$file?.state === 'there');
  const toldOf = fetched.filter(({ held }) => held).length;
  if (toldOf >= toldOfMax || fetched.length - toldOf >= fetchedMax) return undefined;
  const now = session.clock.mono();
  return waiting.find((item) => {
    const message = keptMessage(item);
    return message?.$file?.state === 'awaited' && (tries.get(idOf(message))?.notBefore ?? 0) <= now;
  });
};

const idOf = ({ MessageInfo }: KeptMessage): string => MessageInfo.MessageID ?? '';

const bringOne = async (
  session: SessionView,
  contents: Contents,
  item: WaitingItem,
  { tries }: Bringing,
): Promise<void> => {
  const message = keptMessage(item) as KeptMessage & { readonly $file: KeptFile };
  const form = await formOf(session, contents, message).catch((cause: unknown): Outcome<Form, Misfit> => {
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
    return;
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
};

const formOf = async (
  session: SessionView,
  contents: Contents,
  { $file, $room }: KeptMessage & { readonly $file: KeptFile },
): Promise<Outcome<Form, Misfit>> => {
  const file = await fetched(session, contents, $file);
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
