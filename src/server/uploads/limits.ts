// How much may be uploaded.

export interface UploadLimits {
  /** Octets of one file. */
  readonly fileMax: number;
  /** Octets of all files of one account, and of all accounts. */
  readonly accountMax: number;
  readonly totalMax: number;
  readonly keptMs: number;
  /** An upload has to begin within so long of its slot. */
  readonly slotMs: number;
  /** Slots that one account may ask for, on average, and at once. */
  readonly slotsPerSecond: number;
  readonly slotsBurst: number;
  /** Files that are being received at a time, from all and from one account. Half of them are for accounts with no other. */
  readonly receivingMax: number;
  readonly receivingPerAccountMax: number;
  /** An upload that brings nothing within so long is given up, and so is one that brings less than so many octets per second. */
  readonly stalledMs: number;
  readonly bytesPerSecondMin: number;
}

const day = 24 * 60 * 60_000;

export const defaultUploadLimits: UploadLimits = {
  fileMax: 10 * 1024 * 1024,
  accountMax: 100 * 1024 * 1024,
  totalMax: 5 * 1024 * 1024 * 1024,
  keptMs: 30 * day,
  slotMs: 5 * 60_000,
  slotsPerSecond: 1,
  slotsBurst: 20,
  receivingMax: 64,
  receivingPerAccountMax: 4,
  stalledMs: 30_000,
  bytesPerSecondMin: 500,
};
