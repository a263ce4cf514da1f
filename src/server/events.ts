// Events worth counting: one function each, writing the metric and the log line together.

import type { Log } from '../base/log.ts';
import type { Meter } from '../base/meter.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { Stanza } from '../xmpp/stanza.ts';
import type { SessionEnd } from './sessions/session.ts';

export type ServerEvents = ReturnType<typeof serverEvents>;

export const serverEvents = (
  log: Log,
  meter: Meter,
  sessionCount: () => number,
  presence: () => { readonly pairs: number; readonly entries: number; readonly unconfirmed: number },
) => {
  const stanzas = meter.counter('onesoup_xmpp_stanzas_routed_total', 'Stanzas routed, by kind', ['kind']);
  const signIns = meter.counter('onesoup_xmpp_sign_ins_total', 'XMPP sign-ins, by way and outcome', ['way', 'outcome']);
  const refusedConnections = meter.counter('onesoup_xmpp_connections_refused_total', 'Connections beyond the limits');
  const ends = meter.counter('onesoup_xmpp_sessions_ended_total', 'XMPP sessions ended, by reason', ['reason']);
  const kept = meter.counter('onesoup_xmpp_messages_kept_total', 'Messages stored for an account');
  const failures = meter.counter(
    'onesoup_xmpp_failures_total',
    'Stanzas that our own surroundings kept from being handled',
  );
  const probes = meter.counter(
    'onesoup_xmpp_presence_probes_total',
    'Presence probes to other servers: sent, and what became of them',
    ['outcome'],
  );
  const suppressed = meter.counter(
    'onesoup_xmpp_presence_suppressed_total',
    'Presences that said what was known already, and were not delivered',
  );
  const synthesised = meter.counter(
    'onesoup_xmpp_presence_synthesised_total',
    "Unavailable presences delivered in a contact's name",
  );
  meter.gauge('onesoup_xmpp_presence_pairs', 'Contacts in the presence view', () => presence().pairs);
  meter.gauge('onesoup_xmpp_presence_entries', 'Available resources in the presence view', () => presence().entries);
  meter.gauge(
    'onesoup_xmpp_presence_entries_unconfirmed',
    'Available resources shown as last known',
    () => presence().unconfirmed,
  );
  const snapshotFailures = meter.counter(
    'onesoup_xmpp_presence_snapshot_failures_total',
    'Times that the Store did not take the presence view',
  );
  meter.gauge('onesoup_xmpp_sessions', 'XMPP sessions that are open, those of phones included', sessionCount);
  return {
    routed: (stanza: Stanza): void => stanzas.add({ kind: stanza.kind }),
    signedIn: (account: Jid, way: string, remote?: string): void => {
      signIns.add({ way, outcome: 'signed-in' });
      log.info({ account: account.toString(), way, remote }, 'signed in');
    },
    refused: (account: string, way: string, reason: string, remote?: string): void => {
      signIns.add({ way, outcome: reason });
      log.info({ account, way, reason, remote }, 'sign-in refused');
    },
    connectionRefused: (remote: string): void => {
      refusedConnections.add();
      log.warn({ remote }, 'too many connections, one more was closed');
    },
    sessionEnded: (session: Jid, reason: SessionEnd): void => {
      ends.add({ reason });
      log.info({ session: session.toString(), reason }, 'session ended');
    },
    messageKept: (): void => kept.add(),
    failed: (stanza: Stanza | undefined, cause: unknown): void => {
      failures.add();
      log.error({ err: cause, kind: stanza?.kind, to: stanza?.to?.toString() }, 'a stanza could not be handled');
    },
    presenceRestored: (
      domain: Jid,
      restored: { readonly pairs: number; readonly entries: number; readonly ms: number },
    ) => log.info({ domain: domain.toString(), ...restored, ms: Math.round(restored.ms) }, 'the presence view is back'),
    /** `outcome`: 'sent', or what became of it. */
    probed: (outcome: string, count: number): void => probes.add({ outcome }, count),
    presenceSuppressed: (): void => suppressed.add(),
    presenceSynthesised: (count: number): void => synthesised.add(undefined, count),
    contactsDoubted: (domain: string, isReachable: boolean): void =>
      isReachable
        ? log.info({ domain }, 'its contacts are asked for again')
        : log.warn({ domain }, 'its contacts are shown as last known'),
    snapshotFailed: (cause: unknown): void => {
      snapshotFailures.add();
      log.error({ err: cause }, 'the presence view could not be stored, it is tried again');
    },
    dropFailed: (account: Jid, cause: unknown): void => {
      failures.add();
      log.error({ err: cause, account: account.toString() }, 'delivered messages stay stored');
    },
  };
};
