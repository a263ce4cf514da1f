// Carries out effects. The durable ones, and the answer they belong to, are one store transaction; what follows from them
// (a stanza on its way, a phone woken) happens after its commit and never before.

import type { OutgoingStanza, StoredAnswer } from '../../store/store.ts';
import { toJson } from '../json.ts';
import type { News } from '../news.ts';
import type { Effect, ServerRequest, WaitingEnd } from '../service.ts';
import type { Session } from '../session/session.ts';
import type { Entry } from './waiting-queue.ts';

export interface Commit {
  readonly effects: readonly Effect[];
  /** Saved with them. */
  readonly answer?: { readonly transactionId: string; readonly stored: StoredAnswer };
  /** Waiting entries that came to their end. */
  readonly settled?: { readonly entries: readonly Entry[]; readonly end: WaitingEnd };
}

/** The session ended before its effects were committed: nothing was kept, and a stanza counts as not received. */
export class SessionOverError extends Error {
  override readonly name = 'SessionOverError';
}

export const commit = (session: Session, what: Commit): Promise<void> =>
  session.commits.take(async () => {
    if (session.isEnded) throw new SessionOverError('the session is over');
    await carry(session, what);
  });

const carry = async (session: Session, { effects, answer, settled }: Commit): Promise<void> => {
  const all = settled ? [...effects, ...consequences(session, settled.entries, settled.end)] : effects;
  const { store, clock } = session.host;
  const { queue } = session;
  const now = clock.wall();

  const gone = new Set<Entry>(settled?.entries);
  for (const effect of all)
    if (effect.do === 'settle')
      for (const entry of queue.entries) if (effect.waiting.includes(entry.seq)) gone.add(entry);
  const goneSeqs = [...gone].filter(({ durable }) => durable).map(({ seq }) => seq);
  const sends = all.filter((effect) => effect.do === 'send');
  const requests = all.filter((effect) => effect.do === 'enqueue').map(({ request }) => request);
  const sets = all.filter((effect) => effect.do === 'set' || effect.do === 'change');
  const keeps = all.filter((effect) => effect.do === 'keep');

  const outgoing: OutgoingStanza[] = [];
  const arrived: Entry[] = [];
  const replaced: number[] = [];
  const undo = keeps.map(({ slot, value }) => session.keep(slot, value));

  const isDurable =
    answer || goneSeqs.length || sends.length || sets.length || keeps.length || requests.some((one) => one.durable);
  if (isDurable)
    await store
      .together(async ({ csp }) => {
        outgoing.length = arrived.length = replaced.length = 0;
        if (answer) await csp.saveAnswer(session.key, answer.transactionId, answer.stored);
        for (const { stanza } of sends) {
          const record = { session: session.key, account: session.account, stanza: stanza.toXml(), createdAt: now };
          outgoing.push({ ...record, seq: await csp.addOutgoing(record) });
        }
        for (const request of requests) {
          const entry = entryOf(session, request, now);
          if (!request.durable) {
            arrived.push(entry);
            continue;
          }
          const seq = await csp.addWaiting(
            {
              session: session.phone,
              account: session.account,
              kind: request.kind,
              body: bodyOf(request),
              messageId: request.messageId,
              transactionId: undefined,
              handedOutAt: undefined,
              createdAt: now,
              expiresAt: entry.expiresAt,
            },
            request.origin,
          );
          // It came in before: what it would have overtaken stays.
          if (seq === undefined) continue;
          arrived.push({ ...entry, seq });
          const overtaken =
            request.replaces === undefined ? undefined : queue.replaceable(request.kind, request.replaces);
          if (overtaken?.durable) replaced.push(overtaken.seq);
        }
        if (goneSeqs.length + replaced.length) await csp.removeWaiting([...goneSeqs, ...replaced]);
        for (const effect of sets) {
          const { key } = effect;
          const value = effect.do === 'set' ? effect.value : effect.change(await csp.setting(session.account, key));
          await csp.setSetting(session.account, key, value);
        }
        if (keeps.length) await csp.saveSession(session.record());
      })
      .catch((cause: unknown) => {
        for (const restore of undo.reverse()) restore();
        throw cause;
      });
  else for (const request of requests) arrived.push(entryOf(session, request, now));

  queue.remove([...gone]);
  for (const entry of arrived) queue.add(entry);
  for (const [at, { stanza }] of sends.entries())
    session.outbox.add({ seq: (outgoing[at] as OutgoingStanza).seq, stanza });
  for (const effect of all) if (effect.do === 'tell') session.tell(effect.stanza);
  session.queueChanged();
  tellSiblings(session, all, new Set(sets.map(({ key }) => key)));
};

/** What the account's sessions tell each other of what was just committed. */
const tellSiblings = (session: Session, effects: readonly Effect[], keys: ReadonlySet<string>): void => {
  if (keys.size > 0) session.hear({ what: 'set', keys, isOwn: true });
  const news: News[] = effects.flatMap((effect) => (effect.do === 'spread' ? [effect.news] : []));
  if (keys.size > 0) news.push({ what: 'set', keys, isOwn: false });
  if (news.length === 0) return;
  for (const sibling of session.host.siblings(session)) for (const one of news) sibling.hear(one);
};

/** What the owners of the entries make of their end. */
const consequences = (session: Session, entries: readonly Entry[], end: WaitingEnd): readonly Effect[] =>
  entries.flatMap((entry) => session.host.kinds.get(entry.kind)?.onSettled?.(entry, end, session.view) ?? []);

const entryOf = (session: Session, request: ServerRequest, now: number): Entry => ({
  seq: request.durable ? 0 : session.queue.volatileSeq(),
  durable: request.durable,
  kind: request.kind,
  primitive: request.primitive,
  messageId: request.messageId,
  held: request.held ?? false,
  urgent: request.urgent ?? true,
  key: request.replaces,
  createdAt: now,
  expiresAt: request.expiresInMs === undefined ? undefined : now + request.expiresInMs,
});

/** The stored form: what an Entry needs and the store has no column for. */
export interface StoredBody {
  readonly primitive: unknown;
  readonly held?: boolean;
  readonly urgent?: boolean;
  readonly key?: string;
}
const bodyOf = ({ primitive, held, urgent, replaces }: ServerRequest): string =>
  toJson({ primitive, held, urgent, key: replaces } satisfies Record<keyof StoredBody, unknown>);
