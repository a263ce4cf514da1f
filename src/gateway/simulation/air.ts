// The mobile network of 2009 between one phone and its gateway: slow, and losing at every point of the way.

import type { SimulatedClock } from '../../base/clock.ts';
import type { CirConnection, CirListener, HttpAnswer as PhoneAnswer, Post } from '../../imps/client/transport.ts';
import type { HttpAnswer } from '../http-channel.ts';
import type { Chance } from './chance.ts';
import type { CirWire } from './cir-door.ts';
import type { Place } from './place.ts';

export interface AirOptions {
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly place: Place;
  readonly userAgent: string;
  readonly tell: (text: string) => void;
  /** 0: everything arrives. 1: as bad as it gets. */
  readonly badness: () => number;
}

/** A phone gives a request up after this. */
const patienceMs = 30_000;

/** What happens to one request in a thousand each, at worst. */
const faultsPerMille = {
  'lost on the way there': 12,
  'cut in the middle': 4,
  'lost on the way back': 10,
  'lost on the way back, unseen': 6,
  'sent twice by a proxy': 6,
  'held up': 8,
};
type Fault = keyof typeof faultsPerMille;

/** One request on its way. */
interface Trip {
  readonly gone: AbortSignal;
  /** The phone waits no more. */
  readonly isOver: boolean;
  /** If nothing comes back, the server cannot know. */
  isUnseen: boolean;
}

/** From the moment a phone is turned on until its battery is out. */
export class Air {
  readonly #options: AirOptions;
  #address: string;
  #isOff = false;
  #isInTunnel = false;
  readonly #wires = new Set<CirWire>();
  /** Answers that the server must believe to have arrived, and that did not. */
  lostUnseen = 0;

  constructor(options: AirOptions) {
    this.#options = options;
    this.#address = this.#newAddress();
  }

  /** The operator's gateway gave it another address. */
  move(): void {
    for (const wire of this.#wires) this.#harm(wire);
    this.#address = this.#newAddress();
  }

  /** From now on nothing goes in or out, and nobody is told. */
  turnOff(): void {
    this.#isOff = true;
    for (const wire of this.#wires) wire.silence();
  }

  set isInTunnel(isInTunnel: boolean) {
    this.#isInTunnel = isInTunnel;
    // Some connections survive it, of others the phone hears, and some are dead without a word.
    if (isInTunnel) for (const wire of this.#wires) this.#harm(wire);
  }

  /** A wake-up connection. */
  readonly openCir = async (_host: string, _port: number, listener: CirListener): Promise<CirConnection> => {
    const { chance, place } = this.#options;
    await this.#sleep(chance.between(80, 1_500));
    if (this.#isOff) return never();
    if (this.#isInTunnel) throw new Error('ETIMEDOUT');
    const wire = place.openCir(this.#address, listener);
    this.#wires.add(wire);
    return { send: (text) => wire.send(text), close: () => wire.cut() };
  };

  #harm(wire: CirWire): void {
    const what = this.#options.chance.pick(['cut', 'silence', 'nothing'] as const);
    if (what === 'nothing') return;
    this.#options.tell(`the wake-up connection: ${what}`);
    wire[what]();
    this.#wires.delete(wire);
  }

  readonly post: Post = (body, contentType) => {
    const { clock } = this.#options;
    if (this.#isOff) return never();
    return new Promise((resolve, reject) => {
      const gone = new AbortController();
      let isOver = false;
      const trip: Trip = {
        gone: gone.signal,
        get isOver() {
          return isOver;
        },
        isUnseen: false,
      };
      const end = (how: () => void): void => {
        if (isOver) return;
        isOver = true;
        patience[Symbol.dispose]();
        if (!this.#isOff) how();
      };
      const patience = clock.after(patienceMs, () =>
        end(() => {
          if (trip.isUnseen) this.lostUnseen++;
          gone.abort();
          reject(new Error('timed out'));
        }),
      );
      this.#travel(body, contentType, trip).then(
        (answer) => answer && end(() => resolve(answer)),
        (cause: unknown) => end(() => reject(cause)),
      );
    });
  };

  /** There and back again; undefined when nothing comes back. */
  async #travel(body: Uint8Array, contentType: string, trip: Trip): Promise<PhoneAnswer | undefined> {
    const { chance, tell, badness } = this.#options;
    const fault = this.#fault();
    if (fault) tell(`the next request is ${fault}`);
    const isSlow = 600 + 2400 * badness();
    await this.#sleep(chance.between(80, isSlow));
    if (this.#isInTunnel || fault === 'lost on the way there') return undefined;
    if (fault === 'cut in the middle') {
      // Some proxies pass on what they have.
      void this.#deliver(body.subarray(0, chance.below(body.length)), contentType).catch(() => {});
      return undefined;
    }
    // From here on a proxy has it, and sees it through.
    if (fault === 'held up') {
      trip.isUnseen = true;
      await this.#sleep(chance.between(5_000, 90_000));
    }
    if (fault === 'sent twice by a proxy')
      void this.#sleep(chance.between(0, 40_000))
        .then(() => this.#deliver(body, contentType))
        .then((answer) => answer.delivered?.(true))
        .catch(() => {});
    const answer = await this.#deliver(body, contentType, trip.isUnseen ? undefined : trip.gone);
    const isKnownLost = fault === 'lost on the way back' || (trip.isOver && !trip.isUnseen);
    answer.delivered?.(!isKnownLost);
    if (isKnownLost) return undefined;
    trip.isUnseen = true;
    await this.#sleep(chance.between(80, isSlow));
    if (fault === 'lost on the way back, unseen' || this.#isInTunnel) return undefined;
    return { status: answer.status, contentType: answer.contentType, body: answer.body };
  }

  async #deliver(body: Uint8Array, contentType: string, gone?: AbortSignal): Promise<HttpAnswer> {
    const { place, userAgent } = this.#options;
    return await place.post({ body, contentType, userAgent, remoteAddress: this.#address, gone });
  }

  #fault(): Fault | undefined {
    const { chance, badness } = this.#options;
    const total = Object.values(faultsPerMille).reduce((sum, one) => sum + one, 0);
    return chance.is((total / 1000) * badness()) ? chance.weighted(faultsPerMille) : undefined;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(ms, resolve));
  }

  #newAddress(): string {
    const { chance } = this.#options;
    return `198.51.${chance.below(100)}.${chance.below(250)}`;
  }
}

const never = (): Promise<never> => new Promise(() => {});
