// The mobile network of 2009 between one phone and its gateway: slow, and losing at every point of the way.

import type { SimulatedClock } from '../../base/clock.ts';
import type {
  CirConnection,
  CirListener,
  CirOpener,
  HttpAnswer as PhoneAnswer,
  Post,
} from '../../imps/client/transport.ts';
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

/** Of all datagrams, at worst. */
const datagramsLost = 0.1;
const datagramsTwice = 0.05;

/** Where a phone listens for datagrams. */
interface Ear {
  readonly port: number;
  readonly isTranslated: boolean;
  /** As it is seen from outside. */
  outside: number;
  readonly listener: CirListener;
  close: () => void;
}

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
  #ear: Ear | undefined;
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
    this.rebind();
  }

  /** From now on nothing goes in or out, and nobody is told. */
  turnOff(): void {
    this.#isOff = true;
    for (const wire of this.#wires) wire.silence();
    this.#ear?.close();
    this.#ear = undefined;
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

  /** Listens for datagrams. `isTranslated`: behind a gateway that gives the phone's socket a port of its own choice. */
  readonly udp = (isTranslated: boolean): NonNullable<CirOpener['udp']> => {
    return async (listener) => {
      const port = this.#anyPort();
      this.#ear = { port, isTranslated, outside: port, listener, close: () => {} };
      this.rebind();
      return {
        port,
        send: () => {
          throw new Error('this phone says nothing by datagram by itself');
        },
        close: () => this.#ear?.close(),
      };
    };
  };

  /** Its socket gets another port outside, and nobody is told. */
  rebind(): void {
    const ear = this.#ear;
    if (!ear) return;
    ear.close();
    if (ear.isTranslated) ear.outside = this.#anyPort();
    const where = { address: this.#address, port: ear.outside };
    ear.close = this.#options.place.datagrams.listen(where, (text) => {
      if (text !== 'OK') this.#carry(() => ear.listener.data(text));
    });
  }

  /** From the socket that listens: the gateway learns where that is. */
  sayHelo(sessionId: string): void {
    const { datagrams } = this.#options.place;
    this.#carry(() => {
      const { outside: port } = this.#ear ?? {};
      if (port !== undefined) datagrams.say(`HELO ${sessionId}`, { address: this.#address, port });
    });
  }

  /** A datagram is lost, comes twice, or comes. */
  #carry(arrive: () => void): void {
    const { chance, badness } = this.#options;
    if (this.#isOff || this.#isInTunnel || chance.is(datagramsLost * badness())) return;
    const times = chance.is(datagramsTwice * badness()) ? 2 : 1;
    for (let time = 0; time < times; time++)
      void this.#sleep(chance.between(80, 1_500)).then(() => {
        if (!this.#isOff && !this.#isInTunnel) arrive();
      });
  }

  #anyPort(): number {
    return 20_000 + this.#options.chance.below(40_000);
  }

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
