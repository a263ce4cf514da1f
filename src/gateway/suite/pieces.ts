// What is too large for a phone's parser, in pieces. (CSP 1.3 "Segments")

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cast } from './cast.ts';

export const pieceConversations = (cast: Cast): void => {
  const { kind, isContent } = cast;
  // The plain text syntax has segments of its own.
  if (kind.version !== '1.3' || kind.encoding === 'pts') return;
  const small = { ...kind, parserSize: 2048, contentLength: 20_000 };

  test('answers and messages that are too large for a phone come in pieces', async () => {
    const { world } = cast;
    const [milaJid, tomasJid] = [await world.someone('mila'), await world.someone('tomas')];
    const tomas = await world.friend(tomasJid);
    const mila = await world.phone(milaJid, small);
    const [list = ''] = await mila.csp.contactLists();
    const everybody = Array.from({ length: 40 }, (_, n) => `wv:contact.number.${n}@home.test`);
    for (let at = 0; at < everybody.length; at += 10)
      await mila.csp.manageList({
        name: 'ListManage-Request',
        ContactList: list,
        AddNickList: { UserID: everybody.slice(at, at + 10) },
        ReceiveList: false,
      });
    const read = await mila.csp.readList(list);
    assert.deepEqual(read.NickList?.NickName?.map(({ UserID }) => UserID).sort(), [...everybody].sort());

    const long = 'En lång historia om en båt. '.repeat(150).trimEnd();
    await tomas.sends(`<message to='${milaJid}' type='chat' id='l1'><body>${long}</body></message>`);
    const message = await mila.receives('NewMessage');
    assert.equal(message.ContentData, long);
    await mila.receivesNo('NewMessage');
    isContent(mila);
  });

  test('pieces that are not wanted are dropped', async () => {
    const { world } = cast;
    const milaJid = await world.someone('mila');
    const tomas = await world.friend(await world.someone('tomas'));
    const mila = await world.phone(milaJid, small);
    const unknown = { TransactionID: 'none', SegmentReference: 1 };
    assert.equal(await mila.csp.codeFor({ name: 'DropSegment-Request', SegmentID: unknown }), 420);
    assert.equal(await mila.csp.codeFor({ name: 'GetSegment-Request', SegmentID: unknown }), 420);
    await tomas.sends(`<message to='${milaJid}' type='chat' id='l2'><body>${'mycket '.repeat(600)}</body></message>`);
    await mila.receives('NewMessage');
    const [cut] = mila.csp.pieces;
    assert(cut);
    assert.equal(
      await mila.csp.codeFor({ name: 'GetSegment-Request', SegmentID: { ...cut, SegmentReference: 99 } }),
      402,
    );
    assert.equal(await mila.csp.codeFor({ name: 'DropSegment-Request', SegmentID: cut }), 200);
    assert.equal(await mila.csp.codeFor({ name: 'GetSegment-Request', SegmentID: cut }), 420);
    isContent(mila);
  });
};
