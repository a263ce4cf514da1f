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

export const storeOver = (database: Database, limits: StoreLimits): Store => ({
  accounts: accountStore(database),
  rosters: rosterStore(database, limits),
  messages: messageStore(database),
  privateData: privateDataStore(database),
  blocks: blockStore(database),
  pubsub: pubsubStore(database),
  capabilities: capabilityStore(database, limits),
  presence: presenceStore(database),
  rooms: roomStore(database),
  directory: directoryStore(database),
  uploads: uploadStore(database),
  federation: federationStore(database, limits),
  csp: cspStore(database),
  signIns: signInStore(database, limits),
  devicePasswords: devicePasswordStore(database),
  together: (work) => database.together((inside) => work(storeOver(inside, limits))),
  close: () => database.close(),
});
