// What is worth counting and hearing of federation: one function each, metric and log line together. Where a stranger can
// make lines, there is one a minute for each kind and the metric has the number.

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import { Window } from '../../base/window.ts';
import type { Pair, Proof, S2sEnd } from '../../xmpp/s2s/s2s.ts';
import type { Stanza, StanzaCondition } from '../../xmpp/stanza.ts';
import { calm } from './calm.ts';
import { familyOf } from './gate.ts';
import type { LinkFault } from './link-machine.ts';
import type { StreamRecord } from './streams.ts';

/** Lines about one of them in a minute. */
const linesAboutMax = 30;

export type FederationEvents = ReturnType<typeof federationEvents>;

export const federationEvents = (
  log: Log,
  meter: Meter,
  clock: Clock,
  read: {
    readonly streams: (direction: 'in' | 'out', isAuthenticated: boolean) => number;
    readonly waiting: () => number;
    readonly waitingChars: () => number;
  },
) => {
  const stanzas = meter.counter('onesoup_xmpp_s2s_stanzas_total', 'Stanzas exchanged with other servers', [
    'direction',
    'kind',
  ]);
  const chars = meter.counter('onesoup_xmpp_s2s_stanza_characters_total', 'Characters of XML in them', ['direction']);
  const proofs = meter.counter(
    'onesoup_xmpp_s2s_authenticated_total',
    'Pairs of domains authenticated, by direction and proof',
    ['direction', 'proof'],
  );
  const dials = meter.counter('onesoup_xmpp_s2s_dials_total', 'Attempts to reach another server, by outcome', [
    'outcome',
  ]);
  const ends = meter.counter('onesoup_xmpp_s2s_streams_ended_total', 'Streams ended, by direction and reason', [
    'direction',
    'reason',
  ]);
  const resumptions = meter.counter('onesoup_xmpp_s2s_resumptions_total', 'Streams resumed (XEP-0198)', ['direction']);
  const refused = meter.counter('onesoup_xmpp_s2s_refused_total', 'Connections and domains refused, by reason', [
    'reason',
  ]);
  const bounced = meter.counter('onesoup_xmpp_s2s_bounced_total', 'Stanzas given back to their senders, by condition', [
    'condition',
  ]);
  const dropped = meter.counter(
    'onesoup_xmpp_s2s_dropped_total',
    'Stanzas that could not go and that nobody is told of, by kind',
    ['kind'],
  );
  const stored = meter.counter(
    'onesoup_xmpp_s2s_messages_stored_total',
    'Messages stored until another server has them',
  );
  const failures = meter.counter('onesoup_xmpp_s2s_failures_total', 'Failures of our own surroundings');
  for (const direction of ['in', 'out'] as const)
    meter.gauge(`onesoup_xmpp_s2s_streams_${direction}`, `Authenticated streams between servers (${direction})`, () =>
      read.streams(direction, true),
    );
  meter.gauge('onesoup_xmpp_s2s_strangers', 'Streams of other servers that have not shown who they are', () =>
    read.streams('in', false),
  );
  meter.gauge('onesoup_xmpp_s2s_waiting_stanzas', 'Stanzas that wait for other servers', read.waiting);
  meter.gauge('onesoup_xmpp_s2s_waiting_characters', 'Characters of XML in them', read.waitingChars);
  /** About one network, or about the domains of one family. */
  const linesAbout = new Window(clock, linesAboutMax, 60_000);
  const logAbout = (whom: string): Log => calm(log, () => linesAbout.admits(whom));
  const lines = new Window(clock, 1, 60_000);
  const rarely = (key: string, tell: () => void): void => {
    if (lines.admits(key)) tell();
  };

  return {
    logAbout,
    sent(stanza: Stanza, size: number): void {
      stanzas.add({ direction: 'out', kind: stanza.kind });
      chars.add({ direction: 'out' }, size);
    },
    received(stanza: Stanza): void {
      stanzas.add({ direction: 'in', kind: stanza.kind });
      chars.add({ direction: 'in' }, stanza.inner.length);
    },
    authenticated(record: StreamRecord, { local, remote }: Pair, proof: Proof): void {
      proofs.add({ direction: record.direction, proof });
      const { isSecure, remote: address } = record.stream;
      rarely(`authenticated ${record.direction} ${proof} ${local} ${remote}`, () =>
        logAbout(familyOf(remote)).info(
          { local, remote, direction: record.direction, proof, isSecure, address },
          'server authenticated',
        ),
      );
    },
    dialled(remote: string, outcome: string): void {
      dials.add({ outcome });
      log.debug({ remote, outcome }, 'tried to reach a server');
    },
    ended(record: StreamRecord, end: S2sEnd): void {
      ends.add({ direction: record.direction, reason: end.reason });
      const fields = {
        direction: record.direction,
        address: record.stream.remote,
        reason: end.reason,
        error: end.error?.condition,
        text: end.error?.text ?? end.fault?.text,
      };
      const pairs = [...record.proofs.keys()];
      const [first] = pairs;
      if (first !== undefined)
        rarely(`ended ${record.direction} ${first}`, () =>
          logAbout(familyOf(first.slice(first.indexOf(' ') + 1))).info(
            { ...fields, pairs: pairs.slice(0, 10) },
            'stream between servers ended',
          ),
        );
      else
        rarely(`ended ${end.reason}`, () =>
          log.info(fields, 'stream between servers ended before it was authenticated'),
        );
    },
    resumed: (record: StreamRecord): void => resumptions.add({ direction: record.direction }),
    linkFailed({ local, remote }: Pair, fault: LinkFault): void {
      rarely(`failed ${remote}`, () =>
        logAbout(familyOf(remote)).warn(
          { local, remote, condition: fault.condition },
          `no way to ${remote}: ${fault.text}`,
        ),
      );
    },
    refused(reason: string, fields: object): void {
      refused.add({ reason });
      rarely(`refused ${reason}`, () => log.warn({ reason, ...fields }, 'another server was refused'));
    },
    bounced: (condition: StanzaCondition): void => bounced.add({ condition }),
    dropped: (stanza: Stanza): void => dropped.add({ kind: stanza.kind }),
    stored: (): void => stored.add(),
    storeFailed(cause: unknown): void {
      failures.add();
      log.error({ err: cause }, 'the store does not take what federation keeps');
    },
    failed(cause: unknown, what: string): void {
      failures.add();
      log.error({ err: cause }, what);
    },
  };
};
