// A Store whose message writes a test can stop, fail, or hold back: what a crash or a full disk looks like from above.

import type { MessageStore, Store } from '../../store/store.ts';

export interface Faults {
  /** Writes fail. */
  isBroken: boolean;
  /** Writes wait for this before they happen. */
  gate: Promise<void> | undefined;
}

export const failingStore = (store: Store): { store: Store; faults: Faults } => {
  const faults: Faults = { isBroken: false, gate: undefined };
  const guarded = <Result>(work: () => Promise<Result>): Promise<Result> =>
    (async () => {
      await faults.gate;
      if (faults.isBroken) throw new Error('the disk is full');
      return work();
    })();
  const { messages } = store;
  const failing: MessageStore = {
    keep: (...args) => guarded(() => messages.keep(...args)),
    drop: (...args) => guarded(() => messages.drop(...args)),
    list: (...args) => messages.list(...args),
    count: (...args) => messages.count(...args),
  };
  return {
    faults,
    store: {
      accounts: store.accounts,
      rosters: store.rosters,
      messages: failing,
      privateData: store.privateData,
      blocks: store.blocks,
      pubsub: store.pubsub,
      capabilities: store.capabilities,
      presence: store.presence,
      rooms: store.rooms,
      directory: store.directory,
      uploads: store.uploads,
      federation: store.federation,
      csp: store.csp,
      signIns: store.signIns,
      devicePasswords: store.devicePasswords,
      together: (work) => store.together(work),
      close: () => store.close(),
    },
  };
};
