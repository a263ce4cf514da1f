// The contacts: people signed in at the remote servers, who say once that they are there and then keep quiet.

import { parentPort } from 'node:worker_threads';
import { answerCalls } from './calls.ts';
import { type Account, ClientStream } from './stream.ts';

export interface ContactsCalls {
  /** Signs everybody in, a few at a time. */
  signIn(accounts: readonly Account[]): Promise<void>;
  signOff(): Promise<void>;
}

const online: ClientStream[] = [];
const atOnce = 16;
const available = `<presence><show>away</show><status>at the harbour until six</status><priority>5</priority></presence>`;

const calls: ContactsCalls = {
  async signIn(accounts) {
    const left = accounts.values();
    const one = async (): Promise<void> => {
      for (const account of left) {
        const stream = await ClientStream.open(account, 'desk');
        stream.onOctets = () => {};
        stream.send(available);
        online.push(stream);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  },
  async signOff() {
    await Promise.all(online.splice(0).map((stream) => stream.close()));
  },
};
if (parentPort) answerCalls(parentPort, calls);
