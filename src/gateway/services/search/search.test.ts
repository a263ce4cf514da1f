// CSP "Search" over XEP-0055: directories with a form and with the old fields, contacts, pages, and what goes wrong.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plain, strict, wbxml12, wbxml13 } from '../../../imps/client/personality.ts';
import { codeOf } from '../../../imps/client/strict.ts';
import type { Enums, PrimitiveOf } from '../../../imps/primitives.ts';
import { type Element, el } from '../../../xml/element.ts';
import { parseChildren } from '../../../xml/reader.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { scriptedStage } from '../../suite/stage.ts';
import type { Handset } from '../../suite/world.ts';

const mila = Jid.from('mila@home.test');
const disco = 'http://jabber.org/protocol/disco';
const search = 'jabber:iq:search';

const stage = scriptedStage();

const xml = (text: string): Element[] => {
  const read = parseChildren(text, search);
  assert(read.ok, text);
  return read.value.filter((one): one is Element => typeof one !== 'string');
};
const ask = (pairs: Partial<Record<Enums['SearchElement'], string>>, SearchLimit?: number) =>
  ({
    name: 'Search-Request',
    SearchPairList: Object.entries(pairs).map(([SearchElement, SearchString]) => ({
      SearchPair: [{ SearchElement: SearchElement as Enums['SearchElement'], SearchString }],
    })),
    ...(SearchLimit !== undefined && { SearchLimit }),
  }) as const satisfies PrimitiveOf<'Search-Request'>;
const found = async (phone: Handset, request: PrimitiveOf<'Search-Request'>): Promise<PrimitiveOf<'Search-Response'>> =>
  phone.csp.request(request, 'Search-Response');
const users = (answer: PrimitiveOf<'Search-Response'>): string[] =>
  (answer.SearchResult?.UserList?.User ?? []).map(({ UserID }) => UserID);

/** A directory at people.home.test; `reply` is what a search finds there. */
const directory = (form: string, reply: (request: Stanza) => Stanza | null): void => {
  stage.server.answer = (request) => {
    const to = request.to?.toString();
    if (to === 'home.test' && request.has('query', `${disco}#items`))
      return request.result(
        el('query', { xmlns: `${disco}#items` }, el('item', { jid: 'people.home.test' }), el('item', { jid: '@@' })),
      );
    if (to !== 'people.home.test') return undefined;
    if (request.has('query', `${disco}#info`))
      return request.result(el('query', { xmlns: `${disco}#info` }, el('feature', { var: search })));
    if (!request.has('query', search)) return undefined;
    return request.type === 'get' ? request.result(el('query', { xmlns: search }, ...xml(form))) : reply(request);
  };
};
const oldFields = '<instructions>Fill in</instructions><first/><last/><nick/><email/>';
const person = (user: string, rest = ''): string => `<item jid='${user}@home.test'>${rest}</item>`;
const result = (request: Stanza, items: string): Stanza =>
  request.result(el('query', { xmlns: search }, ...xml(items)));

for (const kind of [plain, wbxml12, strict])
  describe(`search: ${kind.name}`, () => {
    test('contacts are found by name and address, in part and in any case', async () => {
      stage.server.roster.push(
        el('item', { jid: 'tomas@home.test', name: 'Tompa Åberg', subscription: 'both' }),
        el('item', { jid: 'nils@far.test', name: 'Nisse', subscription: 'both' }),
      );
      const phone = await stage.world.phone(mila, kind);
      assert.deepEqual(users(await found(phone, ask({ USER_ALIAS: 'åBERG' }))), ['wv:tomas@home.test']);
      assert.deepEqual(users(await found(phone, ask({ USER_ID: 'NIL' }))), ['wv:nils@far.test']);
      assert.deepEqual(users(await found(phone, ask({ USER_ID: 'wv:nils@far.test' }))), ['wv:nils@far.test']);
      const nobody = await found(phone, ask({ USER_ID: 'nils', USER_ALIAS: 'Tompa' }));
      assert.equal(nobody.SearchFindings, 0);
      assert.equal(nobody.CompletionFlag, true);
      assert.equal(nobody.SearchResult, undefined);
      assert.deepEqual(phone.csp.complaints, []);
    });

    test('a directory with the old fields is asked for those it knows, and its answer is believed for those', async () => {
      const asked: string[] = [];
      directory(oldFields, (request) => {
        asked.push(
          request
            .child('query', search)
            ?.children.map((one) => (one as Element).name + textOf(one))
            .join() ?? '',
        );
        return result(
          request,
          person('ines', '<first>Inés</first><last>Okafor</last>') + person('ivo', '<last>Okafor</last>'),
        );
      });
      const phone = await stage.world.phone(mila, kind);
      const answer = await found(phone, ask({ USER_LAST_NAME: 'Okafor', USER_FIRST_NAME: 'I' }));
      assert.deepEqual(asked, ['lastOkafor*,firstI*']);
      assert.deepEqual(users(answer), ['wv:ines@home.test', 'wv:ivo@home.test']);
      assert.equal(answer.SearchFindings, 2);
      assert.equal(answer.CompletionFlag, true);
    });

    test('pages: from one to the next until all were seen, back again, and no further', async () => {
      directory(oldFields, (request) =>
        result(request, Array.from({ length: 7 }, (_, n) => person(`okafor${n}`, '<last>Okafor</last>')).join('')),
      );
      const phone = await stage.world.phone(mila, kind);
      let answer = await found(phone, ask({ USER_LAST_NAME: 'okafor' }, 3));
      const { SearchID } = answer;
      assert(SearchID !== undefined);
      const seen = users(answer);
      const sizes = [seen.length];
      while (!answer.CompletionFlag) {
        answer = await found(phone, { name: 'Search-Request', SearchID, SearchIndex: answer.SearchIndex });
        seen.push(...users(answer));
        sizes.push(users(answer).length);
        assert.equal(answer.SearchFindings, 7);
      }
      assert.deepEqual(sizes, [3, 3, 1]);
      assert.equal(new Set(seen).size, 7);
      assert.deepEqual(
        users(await found(phone, { name: 'Search-Request', SearchID, SearchIndex: 1 })),
        seen.slice(0, 3),
      );
      const code = (request: PrimitiveOf<'Search-Request'>) => phone.csp.codeFor(request);
      assert.equal(await code({ name: 'Search-Request', SearchID, SearchIndex: 9 }), 425);
      assert.equal(await code({ name: 'Search-Request', SearchID: '4711', SearchIndex: 1 }), 424);
      assert.equal(await phone.csp.codeFor({ name: 'StopSearch-Request', SearchID }), 200);
      assert.equal(await code({ name: 'Search-Request', SearchID, SearchIndex: 1 }), 424);
    });
  });

const textOf = (one: Element | string): string => (typeof one === 'string' ? one : one.children.map(textOf).join(''));

test('a directory with a form is asked by the form, and read by it', async () => {
  const form = (type: string, inner: string) => `<x xmlns='jabber:x:data' type='${type}'>${inner}</x>`;
  const asked: string[] = [];
  directory(
    form(
      'form',
      "<field var='FORM_TYPE'><value>jabber:iq:search</value></field><field var='user'/><field var='locality'/>",
    ),
    (request) => {
      const x = request.child('query', search)?.children[0] as Element;
      asked.push(x.children.map((one) => `${(one as Element).attrs.var}=${textOf(one)}`).join());
      // A star is an ordinary character here: nobody is called that.
      if (textOf(x).includes('*')) return result(request, form('result', ''));
      const field = (name: string, value: string) => `<field var='${name}'><value>${value}</value></field>`;
      return result(
        request,
        form('result', `<item>${field('jid', 'olga@home.test')}${field('nickname', 'Olly')}</item>`),
      );
    },
  );
  const phone = await stage.world.phone(mila, plain);
  const answer = await found(phone, ask({ USER_ID: 'olga' }));
  assert.deepEqual(asked, ['FORM_TYPE=jabber:iq:search,user=olga*', 'FORM_TYPE=jabber:iq:search,user=olga']);
  assert.deepEqual(users(answer), ['wv:olga@home.test']);
});

test('a directory that does not answer: what was found elsewhere is shown, or 535', async () => {
  stage.server.roster.push(el('item', { jid: 'tomas@home.test', name: 'Tompa', subscription: 'both' }));
  directory(oldFields, () => null);
  const phone = await stage.world.phone(mila, plain);
  const timed = async (pairs: Parameters<typeof ask>[0]) => {
    const answer = phone.csp.request(ask(pairs));
    for (let n = 0; n < 3; n++) await stage.world.ground.pass(10_000);
    return answer;
  };
  assert.equal(codeOf(await timed({ USER_ALIAS: 'nobody' })), 535);
  const some = await timed({ USER_ALIAS: 'tom' });
  assert(some.name === 'Search-Response');
  assert.deepEqual(users(some), ['wv:tomas@home.test']);
});

test('what a directory refuses, and why, is told; contacts that were found are shown all the same', async () => {
  stage.server.roster.push(el('item', { jid: 'tomas@home.test', name: 'Tompa', subscription: 'both' }));
  const refuse = (condition: 'not-acceptable' | 'resource-constraint', extra?: string) =>
    directory(oldFields, (request) =>
      request.error(condition, {
        ...(extra !== undefined && { extra: el(extra, { xmlns: 'urn:onesoup:directory' }) }),
      }),
    );
  const phone = await stage.world.phone(mila, plain);
  refuse('not-acceptable', 'too-many');
  assert.equal(await phone.csp.codeFor(ask({ USER_ALIAS: 'nobody' })), 536);
  refuse('not-acceptable', 'too-broad');
  assert.equal(await phone.csp.codeFor(ask({ USER_ALIAS: 'nobody' })), 537);
  refuse('resource-constraint');
  assert.equal(await phone.csp.codeFor(ask({ USER_ALIAS: 'nobody' })), 503);
  assert.deepEqual(users(await found(phone, ask({ USER_ALIAS: 'tom' }))), ['wv:tomas@home.test']);
});

test('what cannot be searched for is said to be so', async () => {
  const phone = await stage.world.phone(mila, plain);
  assert.equal(await phone.csp.codeFor(ask({ USER_ID: 'tomas', GROUP_TOPIC: 'boats' })), 402);
  assert.equal(await phone.csp.codeFor({ name: 'Search-Request', SearchLimit: 5 }), 402);
  assert.equal(await phone.csp.codeFor(ask({ USER_LAST_NAME: ' ' })), 537);
  const newer = await stage.world.phone(Jid.from('ines@home.test'), wbxml13);
  assert.equal(await newer.csp.codeFor(ask({ USER_INTENTION: 'fishing' })), 562);
});

test('eight searches are kept, the oldest goes', async () => {
  stage.server.roster.push(el('item', { jid: 'tomas@home.test', name: 'Tompa', subscription: 'both' }));
  const phone = await stage.world.phone(mila, plain);
  const ids: string[] = [];
  for (let n = 0; n < 9; n++) ids.push((await found(phone, ask({ USER_ALIAS: 'tom' }))).SearchID ?? '');
  assert.equal(new Set(ids).size, 9);
  const again = (SearchID: string) => phone.csp.codeFor({ name: 'Search-Request', SearchID, SearchIndex: 1 });
  assert.equal(await again(ids[0] ?? ''), 424);
  assert.equal(users(await found(phone, { name: 'Search-Request', SearchID: ids[1], SearchIndex: 1 })).length, 1);
});
