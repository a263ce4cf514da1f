// Every feature of the server, once. The order is that of the RFCs, then of the XEPs' numbers.

import type { Feature } from './feature.ts';
import { offline } from './offline.ts';
import { presence } from './presence/index.ts';
import { roster } from './roster/index.ts';
import { subscriptions } from './subscriptions/index.ts';

export type { Feature, Spec } from './feature.ts';

export const features: readonly Feature[] = [roster, subscriptions, presence, offline];
