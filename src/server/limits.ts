// What one account, one session or one stranger may cost. Every number can be changed where the server is made.

export interface ServerLimits {
  /** Sessions (bound resources) of one account at a time. */
  readonly sessionsPerAccountMax: number;
  /** Roster records of one account, subscription requests that wait included. */
  readonly rosterItemsMax: number;
  /** Characters of a contact's name and of a group's name. */
  readonly rosterTextMax: number;
  /** Groups of one contact. */
  readonly rosterGroupsMax: number;
  /** Characters of XML in a presence stanza: it goes to every contact, and a request waits with its addressee. */
  readonly presenceMax: number;
  /** Addresses a session may have sent directed presence to (RFC 6121 §4.6). */
  readonly directedPresenceMax: number;
  /** Messages kept for an account (XEP-0160); further ones are refused. */
  readonly keptMessagesMax: number;
  /** … and their octets, all together. */
  readonly keptBytesMax: number;
  /**
   * Stanzas, and characters of them, that wait in one session for its client. Beyond it the session has ended, so what a
   * sign-in brings at once (contacts' presence, kept messages) has room on top of these.
   */
  readonly waitingStanzasMax: number;
  readonly waitingCharsMax: number;
  readonly blockedMax: number;
  /** Characters of XML in one entry of private storage (XEP-0049). */
  readonly privateEntryMax: number;
  /** Octets of private storage and vCard of one account together. */
  readonly privateBytesMax: number;
  /** Characters of XML in a vCard (XEP-0054): room for a picture. */
  readonly vcardMax: number;
  /** Personal eventing (XEP-0163): nodes of one account, items of one node, characters of XML in one item. */
  readonly pubsubNodesMax: number;
  readonly pubsubItemsMax: number;
  readonly pubsubItemMax: number;
  /** Octets of all nodes and items of one account. */
  readonly pubsubBytesMax: number;
  /** Addresses on the whitelist of one node. */
  readonly pubsubMembersMax: number;
  /** Resources, own and contacts', that one account's events can go to. */
  readonly pubsubWatchersMax: number;
  /** Registrations from one address within an hour (XEP-0077), and the smallest password, in characters. */
  readonly registrationsPerHour: number;
  readonly passwordCharactersMin: number;
  /** Hits of one search of the directory (XEP-0055); a search with more is refused. */
  readonly directoryHitsMax: number;
  /** An account nobody uses is let go from memory after this. */
  readonly idleAccountMs: number;
  /** An in-process receiver that has not taken a message after this: the message is stored, its sender answered. */
  readonly receiverPatienceMs: number;
}

export const defaultLimits: ServerLimits = {
  sessionsPerAccountMax: 20,
  rosterItemsMax: 2_000,
  rosterTextMax: 1_023,
  rosterGroupsMax: 50,
  presenceMax: 8_192,
  directedPresenceMax: 1_000,
  keptMessagesMax: 1_000,
  keptBytesMax: 4_194_304,
  waitingStanzasMax: 5_000,
  waitingCharsMax: 4_000_000,
  blockedMax: 1_000,
  privateEntryMax: 131_072,
  privateBytesMax: 1_048_576,
  vcardMax: 196_608,
  pubsubNodesMax: 256,
  pubsubItemsMax: 1_000,
  pubsubItemMax: 196_608,
  pubsubBytesMax: 2_097_152,
  pubsubMembersMax: 200,
  pubsubWatchersMax: 4_000,
  registrationsPerHour: 10,
  passwordCharactersMin: 4,
  directoryHitsMax: 100,
  idleAccountMs: 60_000,
  receiverPatienceMs: 1_000,
};

/** What may wait in a session, with room for all that waits for it when it signs in: several resources of every contact. */
export const sessionQueueMax = (limits: ServerLimits): { readonly stanzas: number; readonly chars: number } => ({
  stanzas: limits.waitingStanzasMax + limits.keptMessagesMax + 4 * limits.rosterItemsMax,
  chars: limits.waitingCharsMax + limits.keptBytesMax,
});
