// The Store over any database: the queries are shared, a backend brings its dialect and its migrations.

import type { Database } from './database.ts';
import { accountStore } from './queries/accounts.ts';
import { blockStore } from './queries/blocks.ts';
import { type CapabilityLimits, capabilityStore } from './queries/capabilities.ts';
import { cspStore } from './queries/csp.ts';
import { devicePasswordStore } from './queries/device-passwords.ts';
import { directoryStore } from './queries/directory.ts';
import { type FederationLimits, federationStore } from './queries/federation.ts';
import { messageStore } from './queries/messages.ts';
import { presenceStore } from './queries/presence.ts';
import { privateDataStore } from './queries/private-data.ts';
import { pubsubStore } from './queries/pubsub.ts';
import { roomStore } from './queries/rooms.ts';
import { type RosterLimits, rosterStore } from './queries/rosters.ts';
import { type SignInLimits, signInStore } from './queries/sign-ins.ts';
import { uploadStore } from './queries/uploads.ts';
import type { Store } from './store.ts';

export interface StoreLimits extends RosterLimits, SignInLimits, CapabilityLimits, FederationLimits {}

export const defaultStoreLimits: StoreLimits = {
  rosterRemovalsMax: 200,
  signInsMax: 20_000,
  capabilitiesMax: 2_000,
  peersMax: 5_000,
};

/** Its parts are made when they are asked for: every `together` has a Store of its own, and uses one or two of them. */
export const storeOver = (database: Database, limits: StoreLimits): Store => {
  const made: { -readonly [Name in keyof Store]?: Store[Name] } = {};
  return {
    get accounts() {
      return (made.accounts ??= accountStore(database));
    },
    get rosters() {
      return (made.rosters ??= rosterStore(database, limits));
    },
    get messages() {
      return (made.messages ??= messageStore(database));
    },
    get privateData() {
      return (made.privateData ??= privateDataStore(database));
    },
    get blocks() {
      return (made.blocks ??= blockStore(database));
    },
    get pubsub() {
      return (made.pubsub ??= pubsubStore(database));
    },
    get capabilities() {
      return (made.capabilities ??= capabilityStore(database, limits));
    },
    get presence() {
      return (made.presence ??= presenceStore(database));
    },
    get rooms() {
      return (made.rooms ??= roomStore(database));
    },
    get directory() {
      return (made.directory ??= directoryStore(database));
    },
    get uploads() {
      return (made.uploads ??= uploadStore(database));
    },
    get federation() {
      return (made.federation ??= federationStore(database, limits));
    },
    get csp() {
      return (made.csp ??= cspStore(database));
    },
    get signIns() {
      return (made.signIns ??= signInStore(database, limits));
    },
    get devicePasswords() {
      return (made.devicePasswords ??= devicePasswordStore(database));
    },
    together: (work) => database.together((inside) => work(storeOver(inside, limits))),
    close: () => database.close(),
  };
};
