// What is only asked for: the answer is the one that it has when nobody dies.

import assert from 'node:assert/strict';
import type { Primitive } from '../../../imps/primitives.ts';
import type { Operation } from '../operation.ts';

const unlike = /"SearchID":"[^"]*"|\d{8}T\d{6}Z/g;

const read: Operation = {
  name: 'what is only read is answered as ever',
  begin(world) {
    const { anna, mila, otto } = world;
    const User = [{ UserID: anna.wv }];
    const of12: readonly Primitive[] = [
      { name: 'KeepAlive-Request', TimeToLive: 1_800 },
      { name: 'GetSPInfo-Request', ClientID: anna.client.personality.clientId },
      { name: 'WV-CSP-VersionDiscovery-Request' },
      { name: 'Extended-Request', content: [{ name: 'ServerTime', xmlns: 'urn:onesoup:csp', children: [] }] },
      { name: 'VerifyID-Request', IDList: { UserID: [mila.wv, 'wv:/@@'] } },
      { name: 'GetList-Request' },
      { name: 'GetPresence-Request', User },
      { name: 'GetWatcherList-Request' },
      { name: 'GetReactiveAuthStatus-Request' },
      { name: 'GetAttributeList-Request', User, DefaultList: true },
      { name: 'GetMessageList-Request' },
      { name: 'GetMessage-Request', MessageID: 'none' },
      { name: 'GetBlockedList-Request' },
      { name: 'GetGroupMembers-Request', GroupID: anna.own('none') },
      { name: 'GetGroupProps-Request', GroupID: anna.own('none') },
      { name: 'GetJoinedUsers-Request', GroupID: anna.own('none') },
    ];
    const none = { TransactionID: 'none', SegmentReference: 1 };
    const of13: readonly Primitive[] = [
      { name: 'GetPublicProfile-Request', UserID: [otto.wv] },
      { name: 'GetMap-Request', UserID: otto.wv },
      { name: 'GetSegment-Request', SegmentID: none },
      { name: 'DropSegment-Request', SegmentID: none },
    ];
    const SearchPairList = [{ SearchPair: [{ SearchElement: 'USER_ID' as const, SearchString: mila.wv }] }];
    const answers: string[] = [];
    return {
      async go(round) {
        const now: Primitive[] = [];
        for (const request of of12) now.push(await anna.ask(request));
        for (const request of of13) now.push(await otto.ask(request));
        const found = await anna.ask({ name: 'Search-Request', SearchPairList, SearchLimit: 5 }, 'Search-Response');
        now.push(found, await anna.ask({ name: 'StopSearch-Request', SearchID: found.SearchID ?? '' }));
        const told = now.map((one) => JSON.stringify(one).replaceAll(unlike, '…'));
        if (round === 0) answers.push(...told);
        else assert.deepEqual(told, answers);
      },
    };
  },
};

export const reads: readonly Operation[] = [read];
