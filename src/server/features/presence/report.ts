// What an account's sessions are shown of its contacts, and why, for an operator who is told "he looks online but is not".

import type { ContactDescription, LastProbe } from '../../../presence/view.ts';
import { textOf } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { stanzaOfInner } from '../../../xmpp/stanza-text.ts';
import type { Host } from '../../host.ts';

/** Durations are seconds before now, but for `nextLookInSeconds`. As JSON, it is what the admin API answers. */
export interface PresenceReport {
  readonly account: string;
  readonly sessions: readonly ({ readonly resource: string; readonly isAvailable: boolean } & Says)[];
  readonly contacts: readonly ContactReport[];
}

export interface ContactReport {
  readonly contact: string;
  readonly isLocal: boolean;
  /** Available ones. */
  readonly resources: readonly ({
    readonly resource: string;
    readonly seenSeconds: number;
    /** False: shown as last known. */
    readonly isConfirmed: boolean;
  } & Says)[];
  /** When all of the contact's resources were last known. */
  readonly checkedSeconds?: number;
  readonly probe?: {
    readonly sentSeconds: number;
    readonly outcome: LastProbe['outcome'];
    readonly answer?: NonNullable<LastProbe['answer']>;
  };
  /** For how long the contact's server has been out of reach. */
  readonly domainDownSeconds?: number;
  readonly nextLookInSeconds?: number;
}

interface Says {
  readonly show: string;
  readonly status: string;
  readonly priority: number;
}

export const reportOf = (host: Host, account: Jid, contacts: readonly ContactDescription[]): PresenceReport => ({
  account: account.toString(),
  sessions: [...(host.inUse(account.toString())?.sessions.values() ?? [])].map(({ jid, presence }) => ({
    resource: jid.resource ?? '',
    isAvailable: presence !== undefined,
    ...says(presence),
  })),
  contacts: contacts.map(contactReport).sort((a, b) => (a.contact < b.contact ? -1 : 1)),
});

const contactReport = (described: ContactDescription): ContactReport => {
  const { contact, isLocal, resources, checkedAgoMs, probe, domainDownMs, nextLookInMs } = described;
  return {
    contact,
    isLocal,
    resources: resources.map(({ resource, payload, ageMs, isConfirmed }) => ({
      resource,
      ...says(stanzaOfInner({ kind: 'presence' }, payload)),
      seenSeconds: seconds(ageMs),
      isConfirmed,
    })),
    ...(checkedAgoMs !== undefined && { checkedSeconds: seconds(checkedAgoMs) }),
    ...(probe && {
      probe: {
        sentSeconds: seconds(probe.sentAgoMs),
        outcome: probe.outcome,
        ...(probe.answer && { answer: probe.answer }),
      },
    }),
    ...(domainDownMs !== undefined && { domainDownSeconds: seconds(domainDownMs) }),
    ...(nextLookInMs !== undefined && { nextLookInSeconds: seconds(nextLookInMs) }),
  };
};

const says = (presence: Stanza | undefined): Says => {
  const text = (name: string): string => {
    const found = presence?.child(name);
    return found ? textOf(found) : '';
  };
  return { show: text('show'), status: text('status'), priority: Number(text('priority')) || 0 };
};

const seconds = (ms: number): number => Math.round(ms / 1000);
