// Looking for people and for groups: among contacts, in the server's directory, page by page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Enums, PrimitiveOf } from '../../imps/primitives.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import type { Friend } from './friend.ts';
import { wv } from './shapes.ts';
import type { Handset } from './world.ts';

type Pairs = Partial<Record<Enums['SearchElement'], string>>;

/** In the form of the phone's version: one list of pairs (1.3), or a list for each pair. */
export const searchFor = (phone: Handset, pairs: Pairs, SearchLimit?: number): PrimitiveOf<'Search-Request'> => {
  const all = Object.entries(pairs).map(([SearchElement, SearchString]) => ({
    SearchElement: SearchElement as Enums['SearchElement'],
    SearchString,
  }));
  const is13 = phone.csp.personality.version === '1.3';
  return {
    name: 'Search-Request',
    SearchPairList: is13 ? [{ SearchPair: all }] : all.map((pair) => ({ SearchPair: [pair] })),
    ...(SearchLimit !== undefined && { SearchLimit }),
  };
};
const found = (phone: Handset, request: PrimitiveOf<'Search-Request'>): Promise<PrimitiveOf<'Search-Response'>> =>
  phone.csp.request(request, 'Search-Response');
const users = (answer: PrimitiveOf<'Search-Response'>): string[] =>
  (answer.SearchResult?.UserList?.User ?? []).map(({ UserID }) => UserID);

/** On an ordinary client: what the vCard says, and the wish to be found. */
const letsThemselvesBeFound = async (friend: Friend, vcard: string, isWished = true): Promise<void> => {
  const done = (id: string) => friend.receives(`the answer to ${id}`, (one) => one.id === id && one.type === 'result');
  await friend.sends(`<iq type='set' id='vcard'><vCard xmlns='vcard-temp'>${vcard}</vCard></iq>`);
  await done('vcard');
  const value = isWished ? '1' : '0';
  await friend.sends(
    `<iq type='set' id='wish' to='${friend.link.jid.domain}'><command xmlns='http://jabber.org/protocol/commands' node='urn:onesoup:directory' action='complete'><x xmlns='jabber:x:data' type='submit'><field var='listed'><value>${value}</value></field></x></command></iq>`,
  );
  await done('wish');
};

export const searchConversations = (cast: Cast): void => {
  const { kind, strangers, friends, isContent } = cast;

  test('people of the contact list are found by name, address and being there', async () => {
    const { mila, tomasJid } = await friends();
    const byName = await found(mila, searchFor(mila, { USER_ALIAS: 'toma' }));
    assert.deepEqual(users(byName), [wv(tomasJid)]);
    assert.equal(byName.SearchFindings, 1);
    assert.equal(byName.CompletionFlag, true);
    assert.deepEqual(users(await found(mila, searchFor(mila, { USER_ID: wv(tomasJid), USER_ONLINE_STATUS: 'T' }))), [
      wv(tomasJid),
    ]);
    const nobody = await found(mila, searchFor(mila, { USER_ALIAS: 'tomas', USER_ONLINE_STATUS: 'F' }));
    assert.deepEqual([nobody.SearchFindings, nobody.CompletionFlag, nobody.SearchResult], [0, true, undefined]);
    assert.equal(await mila.csp.codeFor({ name: 'StopSearch-Request', SearchID: byName.SearchID ?? '' }), 200);
    const again = { name: 'Search-Request', SearchID: byName.SearchID ?? '', SearchIndex: 1 } as const;
    assert.equal(await mila.csp.codeFor(again), 424);
    isContent(mila);
  });

  test('strangers who want to be found are, by their vCard, and nobody else', async (t) => {
    if (!cast.world.ground.has.directory) return t.skip('the server has no directory of those who want to be found');
    const { mila, tomas, tomasJid } = await strangers();
    const family = `ek${tomasJid.local}`;
    const vcard = `<N><GIVEN>Tomas</GIVEN><FAMILY>${family}</FAMILY></N><EMAIL><USERID>${family}@post.test</USERID></EMAIL><TEL><CELL/><NUMBER>+358401234567</NUMBER></TEL>`;
    await letsThemselvesBeFound(tomas, vcard, false);
    assert.deepEqual(users(await found(mila, searchFor(mila, { USER_LAST_NAME: family }))), []);
    await letsThemselvesBeFound(tomas, vcard);
    for (const pairs of [
      { USER_LAST_NAME: family.toUpperCase() },
      { USER_FIRST_NAME: 'toma', USER_LAST_NAME: family },
      { USER_EMAIL_ADDRESS: `${family}@post.test` },
      { USER_ID: wv(tomasJid) },
      { USER_MOBILE_NUMBER: '+358 40 1234567', USER_LAST_NAME: family },
    ])
      assert.deepEqual(users(await found(mila, searchFor(mila, pairs))), [wv(tomasJid)], JSON.stringify(pairs));
    for (const pairs of [{ USER_FIRST_NAME: 'Nils', USER_LAST_NAME: family }, { USER_EMAIL_ADDRESS: `${family}@post` }])
      assert.deepEqual(users(await found(mila, searchFor(mila, pairs))), [], JSON.stringify(pairs));
    // Two letters are too little to go by, and strangers' being there is nobody's business.
    assert.equal(await mila.csp.codeFor(searchFor(mila, { USER_FIRST_NAME: 'to' })), 537);
    assert.deepEqual(
      users(await found(mila, searchFor(mila, { USER_LAST_NAME: family, USER_ONLINE_STATUS: 'T' }))),
      [],
    );
    isContent(mila);
  });

  test('a phone that publishes a profile is found by what 1.3 has in it', async (t) => {
    if (kind.version !== '1.3') return;
    if (!cast.world.ground.has.directory) return t.skip('the server has no directory of those who want to be found');
    const { mila } = await strangers();
    const inesJid = await cast.world.someone('ines');
    const ines = await cast.world.phone(inesJid, kind);
    const city = `city of ${inesJid.local}`;
    const update = (properties: Record<string, string>, clears = false) =>
      ines.csp.codeFor({
        name: 'UpdatePublicProfile-Request',
        ...(clears && { ClearPublicProfile: true }),
        PublicProfile: {
          UserID: wv(inesJid),
          Property: Object.entries(properties).map(([Name, Value]) => ({ Name, Value })),
        },
      });
    const profile = {
      PP_FRIENDLY_NAME: 'Inés',
      PP_CITY: city,
      PP_COUNTRY: 'NG',
      PP_AGE: '33',
      PP_GENDER: 'F',
      PP_MARITAL_STATUS: 'SINGLE',
      PP_INTENTION: 'fishing and talk',
      PP_INTERESTS: 'boats',
    };
    assert.equal(await update(profile), 200);
    await cast.world.until('she is found', async () =>
      users(await found(mila, searchFor(mila, { USER_CITY: city }))).length === 1 ? true : undefined,
    );
    const all = {
      USER_FRIENDLY_NAME: 'iné',
      USER_CITY: city,
      USER_COUNTRY: 'ng',
      USER_AGE_MIN: '30',
      USER_AGE_MAX: '33',
      USER_GENDER: 'F',
      USER_MARITAL_STATUS: 'single',
      USER_INTENTION: 'FISH',
      USER_INTERESTS_HOBBIES: 'boat',
    };
    const answer = await found(mila, searchFor(mila, all));
    assert.deepEqual(answer.SearchResult?.UserList?.User, [{ UserID: wv(inesJid), FriendlyName: 'Inés' }]);
    for (const other of [
      { USER_AGE_MIN: '34' },
      { USER_AGE_MAX: '32' },
      { USER_GENDER: 'M' },
      { USER_INTENTION: 'golf' },
    ])
      assert.deepEqual(users(await found(mila, searchFor(mila, { ...all, ...other }))), [], JSON.stringify(other));
    assert.equal(await mila.csp.codeFor(searchFor(mila, { USER_CITY: city, USER_AGE_MIN: 'old' })), 562);
    assert.equal(await update({}, true), 200);
    await cast.world.until('she is found no more', async () =>
      users(await found(mila, searchFor(mila, { USER_ID: inesJid.local ?? '' }))).length === 0 ? true : undefined,
    );
    isContent(mila, ines);
  });

  test('what was found is handed out page by page, in any order, and only while the search is open', async (t) => {
    if (!cast.world.ground.has.directory) return t.skip('the server has no directory of those who want to be found');
    const { mila, milaJid } = await strangers();
    const family = `okafor${milaJid.local}`;
    const people: string[] = [];
    for (let n = 0; n < 5; n++) {
      const who = await cast.world.someone('okafor');
      const friend = await cast.world.friend(who, 'desk', false);
      await letsThemselvesBeFound(friend, `<N><FAMILY>${family}</FAMILY></N>`);
      people.push(wv(who));
    }
    const first = await found(mila, searchFor(mila, { USER_LAST_NAME: family }, 2));
    assert.deepEqual([first.SearchFindings, first.CompletionFlag, first.SearchIndex], [5, false, 3]);
    const SearchID = first.SearchID ?? assert.fail();
    const next = (SearchIndex: number) => found(mila, { name: 'Search-Request', SearchID, SearchIndex });
    const second = await next(3);
    const third = await next(5);
    assert.deepEqual(
      [users(first), users(second), users(third)].map((page) => page.length),
      [2, 2, 1],
    );
    assert.equal(third.CompletionFlag, true);
    assert.deepEqual([...users(first), ...users(second), ...users(third)].sort(), people.sort());
    assert.deepEqual(users(await next(1)), users(first));
    const code = (request: Partial<PrimitiveOf<'Search-Request'>>) =>
      mila.csp.codeFor({ name: 'Search-Request', ...request });
    assert.equal(await code({ SearchID, SearchIndex: 7 }), 425);
    assert.equal(await code({ SearchID: '99999', SearchIndex: 1 }), 424);
    assert.equal(await mila.csp.codeFor({ name: 'StopSearch-Request', SearchID }), 200);
    assert.equal(await code({ SearchID, SearchIndex: 1 }), 424);
    isContent(mila);
  });

  test('what cannot be searched for', async () => {
    const { mila } = await strangers();
    const wrong = kind.version === '1.3' ? 562 : 402;
    assert.equal(await mila.csp.codeFor(searchFor(mila, { USER_ID: 'tomas', GROUP_TOPIC: 'boats' })), wrong);
    assert.equal(await mila.csp.codeFor({ name: 'Search-Request', SearchLimit: 5 }), wrong);
    assert.equal(await mila.csp.codeFor(searchFor(mila, { USER_LAST_NAME: ' ' })), 537);
    // Advanced criteria (ADVSR) are not offered; what is the same without them is done all the same.
    if (kind.version === '1.3') {
      const advanced = (AdvancedCriteria: string) => ({
        ...searchFor(mila, { USER_ID: 'nobody at all' }),
        AdvancedCriteria,
      });
      assert.equal(await mila.csp.codeFor(advanced('1 OR 2')), 562);
      assert.equal(await mila.csp.codeFor(advanced('1 AND 2')), 200);
    }
    isContent(mila);
  });

  test('groups are found by name, by topic and by being in them', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, milaJid } = await strangers();
    const name = `sail${milaJid.local?.replaceAll('-', '')}`;
    const GroupID = `wv:${milaJid.local}/${name}@${milaJid.domain}`;
    const made = await mila.csp.codeFor({
      name: 'CreateGroup-Request',
      GroupID,
      GroupProperties: {
        Property: [
          { Name: 'Name', Value: name },
          { Name: 'Topic', Value: `wind over ${name}` },
          { Name: 'Searchable', Value: 'T' },
        ],
      },
      JoinGroup: true,
      ScreenName: { SName: 'mila', GroupID },
      SubscribeNotification: false,
    } as PrimitiveOf<'CreateGroup-Request'>);
    assert.equal(made, 200);
    const groups = async (pairs: Pairs) =>
      (await found(mila, searchFor(mila, pairs))).SearchResult?.GroupList?.GroupID ?? [];
    assert.deepEqual(await groups({ GROUP_NAME: name.toUpperCase() }), [GroupID]);
    assert.deepEqual(await groups({ GROUP_ID: name }), [GroupID]);
    assert.deepEqual(await groups({ GROUP_TOPIC: `over ${name}` }), [GroupID]);
    const own = wv(Jid.from(milaJid.toString()));
    assert.deepEqual(await groups({ GROUP_USER_ID_JOINED: own }), [GroupID]);
    assert.deepEqual(await groups({ GROUP_USER_ID_OWNER: own }), [GroupID]);
    if (kind.version !== '1.1') assert.deepEqual(await groups({ GROUP_USER_ID_AUTOJOIN: own }), []);
    assert.deepEqual(await groups({ GROUP_NAME: name, GROUP_TOPIC: 'nothing' }), []);
    isContent(mila);
  });
};
