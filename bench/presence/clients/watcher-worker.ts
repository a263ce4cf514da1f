// The client under measurement, in a thread of its own so that links and contacts do not delay its clock. Octets are
// stamped as they come and read in quiet moments.

import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { answerCalls } from './calls.ts';
import { type Chunk, type Presence, presencesIn } from './presences.ts';
import { type Account, ClientStream } from './stream.ts';

/** What one sign-in brought so far. */
export interface Received {
  /** Those since the last time somebody asked. */
  readonly presences: readonly Presence[];
  /** All since the initial presence: octets, and how many times the socket had some. */
  readonly octets: number;
  readonly reads: number;
}

export interface WatcherCalls {
  signIn(account: Account): Promise<void>;
  /** Sends the initial presence and starts the clock. */
  appear(): Promise<void>;
  received(): Promise<Received>;
  /** Milliseconds until a ping to `to` is answered; undefined: not within so many, or with an error. */
  ping(to: string, withinMs: number): Promise<number | undefined>;
  signOff(): Promise<void>;
}

let stream: ClientStream | undefined;
let own = '';
let chunks: Chunk[] = [];
let octets = 0;
let reads = 0;
const signedIn = (): ClientStream => {
  if (!stream) throw new Error('nobody is signed in');
  return stream;
};

const calls: WatcherCalls = {
  async signIn(account) {
    own = `${account.name}@${account.domain}`;
    stream = await ClientStream.open(account, 'watch');
  },
  async appear() {
    chunks = [];
    octets = 0;
    reads = 0;
    const client = signedIn();
    const start = performance.now();
    client.onOctets = (some) => {
      chunks.push({ atMs: performance.now() - start, octets: some });
      octets += some.length;
      reads++;
    };
    client.send('<presence/>');
  },
  async received() {
    const read = chunks;
    chunks = [];
    return { presences: presencesIn(signedIn().reader, read, own), octets, reads };
  },
  async ping(to, withinMs) {
    const start = performance.now();
    const answer = signedIn().ask('get', `<ping xmlns='urn:xmpp:ping'/>`, to);
    const iq = await Promise.race([answer, sleep(withinMs, undefined)]);
    return iq?.attrs['type'] === 'result' ? performance.now() - start : undefined;
  },
  async signOff() {
    await stream?.close();
    stream = undefined;
  },
};
if (parentPort) answerCalls(parentPort, calls);
