// The upload service: gives accounts of this server slots over XMPP, receives their files over HTTP and shows them to whoever
// knows their address, for some days. src/web/uploads.ts is its HTTP side.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { Store, UploadRecord } from '../../store/store.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import type { Service } from '../elsewhere.ts';
import { Pace } from '../rooms/pace.ts';
import { notNow, read, type SlotRequest, slot, tooLarge } from './desk.ts';
import { type UploadEvents, uploadEvents } from './events.ts';
import { Files, WrongLengthError } from './files.ts';
import { defaultUploadLimits, type UploadLimits } from './limits.ts';
import { encodeName } from './names.ts';

export interface UploadsOptions {
  readonly domain: string;
  /** Where the HTTP side is reached by the world, without a slash at its end: `https://chat.example.org`. */
  readonly url: string;
  readonly directory: string;
  /** Makes the tokens that a slot comes with. */
  readonly secret: string | Uint8Array;
  readonly limits?: Partial<UploadLimits>;
  readonly server: {
    route(stanza: Stanza): Promise<void>;
    /** Does the domain have its accounts here? */
    hasAccounts(domain: string): boolean;
  };
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
}

/** Why a file was not taken. */
export type UploadFault = 'unknown' | 'forbidden' | 'wrong' | 'busy' | 'stalled' | 'slow' | 'failed';

export interface Upload {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** Wall-clock ms. */
  readonly storedAt: number;
  readonly expiresAt: number;
  /** The octets, or those from `start` to `end`; undefined when they went meanwhile. */
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable | undefined>;
}

export interface Uploads extends Service {
  readonly limits: UploadLimits;
  /** The path below `url` under which files are: `/upload`. */
  readonly path: string;
  /** Takes a file into its slot. Resolves when it is on disk; reads `octets` no further than the slot's size. */
  receive(
    id: string,
    token: string | undefined,
    length: number | undefined,
    octets: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<void, UploadFault>>;
  /** A file that is there. */
  find(id: string): Promise<Upload | undefined>;
  /** The id in an address that this service gave; undefined for any other address. */
  idIn(url: string): string | undefined;
  /** The account is gone, and its files go with it. */
  forget(account: Jid): Promise<void>;
  /** Removes what is due; resolves with how many. */
  sweep(): Promise<number>;
  /** Resolves when no request is being worked on. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const sweepEveryMs = 10 * 60_000;
const sweepAtOnce = 500;
/** The least that a file takes of a disk: millions of files of one octet fill it as well. */
const blockOctets = 4096;
/** Files for which an account has room at least. */
const filesMin = 1000;
export const uploadPath = '/upload';

/** Rejects with the system's error when the directory cannot be used. */
export const openUploads = async (options: UploadsOptions): Promise<Uploads> =>
  new UploadService(options, await Files.open(options.directory));

class UploadService implements Uploads {
  readonly domain: string;
  readonly name = 'Files';
  readonly path = uploadPath;
  readonly limits: UploadLimits;
  readonly #options: UploadsOptions;
  readonly #files: Files;
  readonly #events: UploadEvents;
  readonly #pace: Pace;
  /** Accounts whose files are being received, by slot. */
  readonly #receiving = new Map<string, string>();
  readonly #work = new Set<Promise<unknown>>();
  #timer: Disposable | undefined;

  constructor(options: UploadsOptions, files: Files) {
    this.domain = Jid.from(options.domain).domain;
    this.limits = { ...defaultUploadLimits, ...options.limits };
    this.#options = options;
    this.#files = files;
    this.#pace = new Pace(this.limits.slotsPerSecond, this.limits.slotsBurst);
    this.#events = uploadEvents(options.log, options.meter, { receiving: () => this.#receiving.size });
    this.#arm();
  }

  async deliver(stanza: Stanza): Promise<void> {
    const asked = read(stanza, this.name, this.limits.fileMax);
    if (!asked) return;
    const answer = asked instanceof Stanza ? asked : await this.#during(this.#slot(stanza, asked));
    await this.#options.server.route(answer);
  }

  async #slot(stanza: Stanza, { name, type, size }: SlotRequest): Promise<Stanza> {
    const { server, store, clock, random } = this.#options;
    const { fileMax, accountMax, totalMax, slotsPerSecond } = this.limits;
    const account = stanza.from?.bare;
    if (!account?.local || !server.hasAccounts(account.domain)) {
      this.#events.slot('forbidden');
      return stanza.error('forbidden', { type: 'cancel', text: 'only for users of this server' });
    }
    if (size > fileMax) {
      this.#events.slot('too-large');
      return tooLarge(stanza, fileMax);
    }
    if (!this.#pace.admits(account.toString(), clock.mono())) {
      this.#events.slot('too-fast');
      return notNow(stanza, 'too many files in a short time', clock.wall() + Math.ceil(1000 / slotsPerSecond));
    }
    const id = random.id(24);
    const slotOf = { id, account: account.toString(), name, type, size, createdAt: clock.wall() };
    const leastSize = Math.min(blockOctets, Math.floor(accountMax / filesMin));
    const added = await store.uploads.add(slotOf, { accountMax, totalMax, leastSize });
    this.#events.slot(added);
    if (added !== 'added')
      return notNow(
        stanza,
        added === 'full' ? 'the server has no room left' : 'too many files are kept for you',
        undefined,
      );
    return slot(stanza, `${this.#options.url}${this.path}/${id}/${encodeName(name)}`, this.#token(id));
  }

  #token(id: string): string {
    return createHmac('sha256', this.#options.secret).update(`upload ${id}`).digest('base64url');
  }

  async receive(
    id: string,
    token: string | undefined,
    length: number | undefined,
    octets: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<void, UploadFault>> {
    const outcome = await this.#during(this.#receive(id, token, length, octets));
    this.#events.received(outcome.ok ? 'stored' : outcome.fault, length ?? 0);
    return outcome;
  }

  async #receive(
    id: string,
    token: string | undefined,
    length: number | undefined,
    octets: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<void, UploadFault>> {
    const { store, clock } = this.#options;
    const { slotMs, receivingMax, receivingPerAccountMax, stalledMs, bytesPerSecondMin } = this.limits;
    // The token first: nobody learns from the answer which slots there are.
    const wanted = Buffer.from(this.#token(id));
    const given = Buffer.from(token ?? '');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return bad('forbidden');
    if (this.#receiving.has(id)) return bad('busy');
    // Before anything is looked up: of two that bring the same file one would find its slot empty still, and full at the end.
    this.#receiving.set(id, '');
    try {
      const record = await store.uploads.get(id);
      if (!record || record.storedAt !== undefined || clock.wall() - record.createdAt > slotMs) return bad('unknown');
      if (length !== undefined && length !== record.size) return bad('wrong');
      const ofAccount = [...this.#receiving.values()].filter((one) => one === record.account).length;
      // A few accounts that bring a lot take no place from those who bring one file.
      const placesMax = ofAccount === 0 ? receivingMax : receivingMax / 2;
      if (this.#receiving.size > placesMax || ofAccount >= receivingPerAccountMax) return bad('busy');
      this.#receiving.set(id, record.account);
      await this.#files.write(id, record.size, steadily(octets, clock, stalledMs, bytesPerSecondMin));
      if (await store.uploads.stored(id, clock.wall())) return good(undefined);
      // The account was removed meanwhile.
      await this.#files.remove(id);
      return bad('unknown');
    } catch (cause) {
      if (cause instanceof WrongLengthError) return bad('wrong');
      if (cause instanceof TooSlowError) return bad(cause.octets === 0 ? 'stalled' : 'slow');
      // The client hung up: a matter of its network.
      if (/^(ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)$/.test(String((cause as NodeJS.ErrnoException).code)))
        return bad('wrong');
      this.#events.failed(cause, 'an upload could not be stored');
      return bad('failed');
    } finally {
      this.#receiving.delete(id);
    }
  }

  async find(id: string): Promise<Upload | undefined> {
    const { store, clock } = this.#options;
    const record = await store.uploads.get(id);
    if (!isStored(record)) return undefined;
    const expiresAt = record.createdAt + this.limits.keptMs;
    if (expiresAt <= clock.wall()) return undefined;
    const { name, type, size, storedAt } = record;
    return {
      name,
      type,
      size,
      storedAt,
      expiresAt,
      open: (range) => {
        this.#events.given(range ? range.end - range.start + 1 : size);
        return this.#files.read(id, range);
      },
    };
  }

  idIn(url: string): string | undefined {
    const start = `${this.#options.url}${this.path}/`;
    if (!url.startsWith(start)) return undefined;
    return /^([A-Za-z0-9]{24})\/[^/?#]*$/.exec(url.slice(start.length))?.[1];
  }

  async forget(account: Jid): Promise<void> {
    for (;;) {
      const ids = await this.#options.store.uploads.ofAccount(account.bare.toString(), sweepAtOnce);
      if (ids.length === 0) return;
      await this.#remove(ids);
    }
  }

  async sweep(): Promise<number> {
    const { store, clock } = this.#options;
    const { keptMs, slotMs, fileMax } = this.limits;
    // A file that is coming in slowly keeps its slot.
    const unfilledBefore = clock.wall() - slotMs - Math.max(slotMs, fileMax / 1000);
    let count = 0;
    for (;;) {
      const due = await store.uploads.due({ before: clock.wall() - keptMs, unfilledBefore, limit: sweepAtOnce });
      const ids = due.filter((id) => !this.#receiving.has(id));
      await this.#remove(ids);
      count += ids.length;
      if (due.length < sweepAtOnce) break;
    }
    if (count > 0) this.#events.removed(count);
    return count;
  }

  /** The files first: a record without a file is harmless, a file without a record would stay for ever. */
  async #remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#files.remove(id);
    await this.#options.store.uploads.remove(ids);
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer = clock.after(sweepEveryMs, () => {
      this.#arm();
      void this.#during(this.sweep()).catch((cause: unknown) =>
        this.#events.failed(cause, 'old uploads could not be removed'),
      );
    });
  }

  #during<Value>(work: Promise<Value>): Promise<Value> {
    this.#work.add(work);
    const over = (): void => void this.#work.delete(work);
    work.then(over, over);
    return work;
  }

  async settled(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.settled();
  }
}

const isStored = (record: UploadRecord | undefined): record is UploadRecord & { readonly storedAt: number } =>
  record?.storedAt !== undefined;

class TooSlowError extends Error {
  override readonly name = 'TooSlowError';
  readonly octets: number;

  constructor(octets: number) {
    super(`only ${octets} octets came`);
    this.octets = octets;
  }
}

/**
 * The same octets; throws TooSlowError when none came within such a time, or too few. What came beyond that counts for the next
 * such time, since phones send in bursts with pauses between; the time of our own disk does not count.
 */
async function* steadily(
  octets: AsyncIterable<Uint8Array>,
  clock: Clock,
  withinMs: number,
  bytesPerSecondMin: number,
): AsyncGenerator<Uint8Array> {
  const least = Math.max(1, (withinMs / 1000) * bytesPerSecondMin);
  const source = octets[Symbol.asyncIterator]();
  let pending = source.next();
  let waitedMs = 0;
  let came = 0;
  let ahead = least;
  try {
    for (;;) {
      const start = clock.mono();
      const over = Promise.withResolvers<undefined>();
      const timer = clock.after(withinMs - waitedMs, () => over.resolve(undefined));
      const next = await Promise.race([pending, over.promise]).finally(() => timer[Symbol.dispose]());
      if (next === undefined) {
        if (came === 0 || ahead + came < least) throw new TooSlowError(came);
        ahead = Math.min(ahead + came - least, least);
        waitedMs = 0;
        came = 0;
        continue;
      }
      if (next.done) return;
      waitedMs += clock.mono() - start;
      came += next.value.length;
      yield next.value;
      pending = source.next();
    }
  } finally {
    // Not awaited: what does not go on does not end either.
    void source.return?.()?.then(undefined, () => {});
  }
}
