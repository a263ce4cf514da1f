// What rooms may cost. Every number can be changed where the service is made.

export interface RoomLimits {
  /** Rooms at a time, and those among them that one account has made. */
  readonly roomsMax: number;
  readonly roomsPerCreatorMax: number;
  /** Nicknames in one room at a time; a room's owner may choose fewer. Its admins and owners come in all the same (§7.2.8). */
  readonly occupantsMax: number;
  /** Sessions under one nickname. */
  readonly sessionsPerNickMax: number;
  readonly affiliationsMax: number;
  readonly nickMax: number;
  readonly subjectMax: number;
  /** Characters of XML in one message and in one presence. */
  readonly messageMax: number;
  readonly presenceMax: number;
  /** Characters of a form's field, a reason, a password. */
  readonly textMax: number;
  /** Messages kept for those who enter: the most that an owner may choose, and what a new room has. */
  readonly historyMax: number;
  readonly historyDefault: number;
  /** Messages kept of a room that is logged. */
  readonly loggedMax: number;
  /** Stanzas per second of one account in one room, on average, and at once. Leaving is always possible. */
  readonly messagesPerSecond: number;
  readonly messagesBurst: number;
  /** Clients ask for the picture of everybody they find in a room. */
  readonly requestsPerSecond: number;
  readonly requestsBurst: number;
  readonly presencesPerSecond: number;
  readonly presencesBurst: number;
  /** A domain that is not ours may be as fast in one room as so many accounts: it has as many as it likes. */
  readonly accountsPerDomain: number;
  /** A room with nobody in it is let go from memory after this; the same time passes between looks at silent sessions. */
  readonly sweepMs: number;
  /** A session that was silent for this long is asked whether it is still there. */
  readonly silenceMs: number;
}

export const defaultRoomLimits: RoomLimits = {
  roomsMax: 10_000,
  roomsPerCreatorMax: 100,
  occupantsMax: 500,
  sessionsPerNickMax: 10,
  affiliationsMax: 5_000,
  nickMax: 64,
  subjectMax: 2_048,
  messageMax: 65_536,
  presenceMax: 8_192,
  textMax: 1_024,
  historyMax: 100,
  historyDefault: 20,
  loggedMax: 10_000,
  messagesPerSecond: 4,
  messagesBurst: 40,
  requestsPerSecond: 20,
  requestsBurst: 1_000,
  presencesPerSecond: 1,
  presencesBurst: 20,
  accountsPerDomain: 20,
  sweepMs: 60_000,
  silenceMs: 15 * 60_000,
};
