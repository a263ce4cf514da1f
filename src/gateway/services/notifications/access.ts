// BLC, BLUC, GLC, GLUC: block and grant lists changed, or put in and out of use, by another phone of the user or by a client
// that blocks at the server (XEP-0191). ATCL: attribute lists changed by another phone.

import { listsInForce } from '../blocking/index.ts';
import { attributeLists } from '../presence/own.ts';
import { watched } from './look.ts';
import { notify } from './subscribed.ts';

interface Access {
  readonly blocked: string;
  readonly granted: string;
  readonly isBlocking: boolean;
  readonly isGranting: boolean;
}

export const accessWatched = watched<Access>({
  name: 'access',
  types: ['BLC', 'BLUC', 'GLC', 'GLUC'],
  async read(session) {
    const { block, grant } = await listsInForce(session);
    return {
      blocked: [...block.users].sort().join(),
      granted: [...grant.users].sort().join(),
      isBlocking: block.inUse,
      isGranting: grant.inUse,
    };
  },
  compare: (before, now, session) => [
    ...(before.blocked === now.blocked ? [] : notify(session, 'BLC')),
    ...(before.isBlocking === now.isBlocking ? [] : notify(session, 'BLUC', { BlockListInUse: now.isBlocking })),
    ...(before.granted === now.granted ? [] : notify(session, 'GLC')),
    ...(before.isGranting === now.isGranting ? [] : notify(session, 'GLUC', { GrantListInUse: now.isGranting })),
  ],
});

export const attributeListsWatched = watched<string>({
  name: 'attribute lists',
  types: ['ATCL'],
  read: async (session) => JSON.stringify(await attributeLists.read(session)),
  compare: (before, now, session) => (before === now ? [] : notify(session, 'ATCL')),
});
