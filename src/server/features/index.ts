// Every feature of the server, once. The order is that of the RFC, then of the XEPs' numbers.

import { announcements } from './announcements.ts';
import { avatar } from './avatar/index.ts';
import { blocking } from './blocking/index.ts';
import { carbons } from './carbons.ts';
import { commands } from './commands/index.ts';
import { directory } from './directory/index.ts';
import { disco } from './disco/index.ts';
import type { Feature } from './feature.ts';
import { lastActivity } from './last-activity.ts';
import { offline } from './offline.ts';
import { ping } from './ping.ts';
import { presence } from './presence/index.ts';
import { privateStorage } from './private-storage.ts';
import { pubsub } from './pubsub/index.ts';
import { receipts } from './receipts.ts';
import { registration } from './registration/index.ts';
import { roster } from './roster/index.ts';
import { session } from './session.ts';
import { streams } from './streams.ts';
import { subscriptions } from './subscriptions/index.ts';
import { time } from './time.ts';
import { vcard } from './vcard.ts';
import { version } from './version.ts';

export type { Feature, Spec } from './feature.ts';

export const features: readonly Feature[] = [
  streams,
  session,
  roster,
  subscriptions,
  presence,
  lastActivity,
  disco,
  privateStorage,
  commands,
  vcard,
  directory,
  pubsub,
  avatar,
  registration,
  version,
  offline,
  receipts,
  blocking,
  ping,
  time,
  carbons,
  announcements,
];
