// An account in use: what the Store holds for it, in memory, and its sessions. Everything here is read and changed in the
// account's turns only (see turns.ts), so that nothing needs a lock.

import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import type { Host } from '../host.ts';
import { Mailbox } from '../messages/mailbox.ts';
import type { Session } from '../sessions/session.ts';
import type { BlockList } from './block-list.ts';
import type { Roster } from './roster.ts';
import type { Turns } from './turns.ts';

export class LocalUser {
  readonly host: Host;
  /** Bare. */
  readonly jid: Jid;
  readonly turns: Turns;
  readonly roster: Roster;
  readonly blocks: BlockList;
  readonly mailbox: Mailbox;
  /** By resource, in order of binding. */
  readonly sessions = new Map<string, Session>();

  /** The account is gone; what still holds this object may not write in its name. */
  isRemoved = false;

  constructor(host: Host, jid: Jid, turns: Turns, kept: { roster: Roster; blocks: BlockList }) {
    this.host = host;
    this.jid = jid;
    this.turns = turns;
    this.roster = kept.roster;
    this.blocks = kept.blocks;
    this.mailbox = new Mailbox(this);
  }

  session(jid: Jid): Session | undefined {
    return jid.resource === undefined ? undefined : this.sessions.get(jid.resource);
  }

  get available(): Session[] {
    return [...this.sessions.values()].filter((one) => one.isAvailable);
  }

  get interested(): Session[] {
    return [...this.sessions.values()].filter((one) => one.isInterested);
  }

  get takingMessages(): Session[] {
    return [...this.sessions.values()].filter((one) => one.takesMessages);
  }

  /** To every session given, stamped with its own full JID when `to` is left open. */
  deliverTo(sessions: Iterable<Session>, stanza: Stanza): void {
    for (const session of sessions) session.deliver(stanza.to ? stanza : stanza.with({ to: session.jid }));
  }

  /** Nothing would be lost by forgetting what is in memory. */
  get isIdle(): boolean {
    return this.sessions.size === 0 && this.turns.isIdle && this.mailbox.isIdle;
  }
}
