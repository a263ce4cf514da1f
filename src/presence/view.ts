// The presence view: what each remote or local contact is doing, as each of our users may see it. This file is its
// vocabulary; step.ts is the table. Keyed by (local user, contact): a contact may show itself differently to different
// users, so nothing is shared between users but the text of equal payloads.
//
// Users, contacts and domains are bare addresses in canonical text (Jid.toString()). A resource is '' where presence came
// from the bare address itself, as transports send it.

import type { MonoMs } from '../base/clock.ts';

export type PresenceEvent =
  /**
   * The user is subscribed to the contact ('to' or 'both'): from the roster at start-up, or from now on. A local contact's
   * server is this one: its news is authoritative, so it is neither probed, nor doubted, nor put into the snapshot. `isNew`:
   * the contact has just let itself be seen, so its presence is due, and asked for soon.
   */
  | {
      readonly type: 'contact-added';
      readonly user: string;
      readonly contact: string;
      readonly isLocal?: boolean;
      readonly isNew?: boolean;
    }
  /** The subscription was cancelled, or the contact removed or blocked. */
  | { readonly type: 'contact-removed'; readonly user: string; readonly contact: string }
  /** Presence without a type. `payload` is from presencePayload. */
  | ({ readonly type: 'available'; readonly payload: string } & FromContact)
  /** Presence of type unavailable; `resource` '' for the bare address. `payload` has the parting status, if any. */
  | ({ readonly type: 'unavailable'; readonly payload?: string } & FromContact)
  /** Presence of type error from the contact or its server. */
  | { readonly type: 'error'; readonly user: string; readonly contact: string }
  /** A session of the user has sent its first available presence. */
  | { readonly type: 'session-available'; readonly user: string; readonly session: string }
  /** A session of the user is unavailable or gone. */
  | { readonly type: 'session-gone'; readonly user: string; readonly session: string }
  /** Contact with the domain was lost or could not be made. Not when an idle stream was closed in good order. */
  | { readonly type: 'link-down'; readonly domain: string }
  | { readonly type: 'link-up'; readonly domain: string }
  /** The time of the last `arm` has come. A tick too early or too many does no harm; one much too late shows a sleep. */
  | { readonly type: 'tick' }
  /**
   * The machine was suspended for so long, and its monotonic clock with it: seen by a wall clock that has gone on by so much
   * more than the monotonic one since the tick before.
   */
  | { readonly type: 'slept'; readonly ms: number }
  /** What the Store had when this process started; after the contacts were added. */
  | { readonly type: 'restored'; readonly entries: readonly SnapshotEntry[] };

interface FromContact {
  readonly user: string;
  readonly contact: string;
  readonly resource: string;
}

export type PresenceEffect =
  /** Presences for one session of the user, or for all its available ones, to be written at once and in this order. */
  | {
      readonly type: 'deliver';
      readonly user: string;
      readonly to: string | 'all';
      readonly presences: readonly Shown[];
    }
  /** Send a presence probe from the user's bare address to the contact's. */
  | { readonly type: 'probe'; readonly user: string; readonly contact: string }
  /** Send `tick` at this time, instead of whenever was said before. */
  | { readonly type: 'arm'; readonly at: MonoMs }
  /** Entries that the Store should have from now on (`payload` undefined: no longer). */
  | { readonly type: 'snapshot'; readonly changes: readonly SnapshotChange[] }
  /** The pair is gone, and so is all that the Store has of it. */
  | { readonly type: 'forget'; readonly user: string; readonly contact: string };

/** One presence to be shown: from `contact/resource`; unavailable when `isAvailable` is false. `payload` is inner XML. */
export interface Shown {
  readonly contact: string;
  readonly resource: string;
  readonly isAvailable: boolean;
  readonly payload: string;
}

export interface SnapshotEntry {
  readonly user: string;
  readonly contact: string;
  readonly resource: string;
  readonly payload: string;
  /**
   * How long before now the Store was last told of this entry, by wall clock; 0 when it does not say. What is older than
   * stalenessBoundMs is not shown but removed, however many restarts lie between.
   */
  readonly ageMs?: number;
}
/** As of now; so the Store keeps the time of day beside it. An equal payload again says only that it is still so. */
export type SnapshotChange = Omit<SnapshotEntry, 'payload' | 'ageMs'> & { readonly payload: string | undefined };

/** What the view has on one contact of one user, for operators. Durations are milliseconds before `now`. */
export interface ContactDescription {
  readonly contact: string;
  readonly isLocal: boolean;
  readonly resources: readonly {
    readonly resource: string;
    readonly payload: string;
    readonly ageMs: number;
    readonly isConfirmed: boolean;
  }[];
  /** When all of the contact's resources were last known; undefined when never yet, or when the contact is local. */
  readonly checkedAgoMs: number | undefined;
  readonly probe: LastProbe | undefined;
  /** For how long the contact's domain has been out of reach; undefined while it is not known to be. */
  readonly domainDownMs: number | undefined;
  /** In how long the view looks at this contact again; undefined for a local one. */
  readonly nextLookInMs: number | undefined;
}

export interface LastProbe {
  readonly sentAgoMs: number;
  /** `pending`: nothing came yet. `void`: the link was lost or this process slept, so that silence means nothing. */
  readonly outcome: 'pending' | 'answered' | 'unanswered' | 'void';
  /** The last answer's kind; undefined unless the outcome is `answered`. */
  readonly answer: 'available' | 'unavailable' | 'error' | undefined;
}

export interface PresenceOptions {
  /**
   * When remote contacts are probed. `aged`: when what is known has aged, by a time with jitter, whether or not the user is
   * signed in; a sign-in brings forward only what is due already. `blind`: the same, and a sign-in changes nothing at all.
   * `always`: also everything at each sign-in, as RFC 6121 §4.2.2 has it, which tells contacts' servers when that was.
   */
  readonly probe: 'always' | 'aged' | 'blind';
  /** What is known has aged after about this long without news (three to five quarters of it). */
  readonly agedMs: number;
  /** A probe without an answer for this long shows that what was known before it is no longer so. */
  readonly probeTimeoutMs: number;
  /** Probes that fall due together (start-up, a link that is back) are spread over this long, or as long as many take. */
  readonly spreadMs: number;
  /** A domain may be out of reach for this long before its contacts are taken to be offline. */
  readonly graceMs: number;
  /** However often a link comes and goes: an entry that nothing has confirmed for this long is removed. */
  readonly unconfirmedMaxMs: number;
  /** Probes in one tick; the rest waits for the next, a second later. */
  readonly probesPerTickMax: number;
  /** Resources of one contact; one more takes the place of the one heard of longest ago. */
  readonly resourcesMax: number;
}

export const defaultPresenceOptions: PresenceOptions = {
  probe: 'aged',
  agedMs: 45 * 60_000,
  probeTimeoutMs: 60_000,
  spreadMs: 120_000,
  graceMs: 600_000,
  unconfirmedMaxMs: 3_600_000,
  probesPerTickMax: 2_000,
  resourcesMax: 32,
};

/**
 * The longest that a contact is shown online after its server last said so, whatever is lost on the way. README.md has the
 * derivation.
 */
export const stalenessBoundMs = (options: Partial<PresenceOptions> = {}): number =>
  keptMs({ ...defaultPresenceOptions, ...options }) + tickMs;

/** How long an entry is kept that nothing confirms: never less than it takes to ask. */
export const keptMs = ({ agedMs, probeTimeoutMs, unconfirmedMaxMs }: PresenceOptions): number =>
  Math.max(unconfirmedMaxMs, 1.25 * agedMs + probeTimeoutMs + tickMs);

/** Things are looked at in whole seconds, rounded up. */
const tickMs = 2_000;
