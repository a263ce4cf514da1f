// The public profile of CSP 1.3: written on one phone, read on another, and as a vCard by everybody else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { Primitive } from '../../imps/primitives.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import { wv } from './shapes.ts';
import type { Handset } from './world.ts';

const update = (who: Jid, properties: Readonly<Record<string, string>>, clears = false): Primitive => ({
  name: 'UpdatePublicProfile-Request',
  ...(clears && { ClearPublicProfile: true }),
  PublicProfile: { UserID: wv(who), Property: Object.entries(properties).map(([Name, Value]) => ({ Name, Value })) },
});
const profileOf = async (phone: Handset, who: Jid): Promise<Record<string, unknown>> => {
  const answer = await phone.csp.request(
    { name: 'GetPublicProfile-Request', UserID: [wv(who)] },
    'GetPublicProfile-Response',
  );
  assert.equal(codeOf(answer), 200);
  const [profile] = answer.PublicProfile ?? [];
  assert.equal(profile?.UserID, wv(who));
  return Object.fromEntries((profile?.Property ?? []).map(({ Name, Value }) => [Name, Value]));
};

export const profileConversations = (cast: Cast): void => {
  const { kind, strangers, isContent } = cast;
  if (kind.version !== '1.3') return;

  test('a public profile is written, changed, read by another phone and by an app, and cleared', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const other = await cast.world.phone(tomasJid, kind);
    const all = {
      PP_FRIENDLY_NAME: 'Mila',
      PP_FREE_TEXT: 'mends nets',
      PP_CITY: 'Turku',
      PP_COUNTRY: 'FI',
      PP_AGE: '42',
      PP_GENDER: 'F',
      PP_INTENTION: 'talk',
      PP_INTERESTS: 'boats',
      PP_MARITAL_STATUS: 'SINGLE',
    };
    assert.equal(await mila.csp.codeFor(update(milaJid, all)), 200);
    assert.deepEqual(await profileOf(other, milaJid), all);
    assert.deepEqual(await profileOf(mila, milaJid), all);
    // An empty value takes a property out; those not named stay.
    assert.equal(await mila.csp.codeFor(update(milaJid, { PP_AGE: '', PP_CITY: 'Åbo' })), 200);
    const { PP_AGE: _, ...rest } = all;
    assert.deepEqual(await profileOf(other, milaJid), { ...rest, PP_CITY: 'Åbo' });
    await tomas.sends(`<iq type='get' id='card' to='${milaJid}'><vCard xmlns='vcard-temp'/></iq>`);
    const card = (await tomas.receives('the card', (one) => one.id === 'card')).toXml();
    for (const part of ['<NICKNAME>Mila</NICKNAME>', '<LOCALITY>Åbo</LOCALITY>', '<CTRY>FI</CTRY>'])
      assert.ok(card.includes(part), `${part} in ${card}`);
    assert.equal(await mila.csp.codeFor(update(milaJid, { PP_CITY: 'Oulu' }, true)), 200);
    assert.deepEqual(await profileOf(other, milaJid), { PP_CITY: 'Oulu' });
    isContent(mila, other);
  });

  test('somebody who has a vCard4 that all may read has a profile', async (t) => {
    if (!cast.world.ground.has.pep) return t.skip('the server has no personal eventing');
    const { mila, tomas, tomasJid } = await strangers();
    const pubsub = 'http://jabber.org/protocol/pubsub';
    const vcard =
      "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Tomas Ek</text></fn><nickname><text>Tompa</text></nickname>" +
      '<adr><locality>Kalmar</locality><country>SE</country></adr></vcard>';
    const options = `<publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>${pubsub}#publish-options</value></field><field var='pubsub#access_model'><value>open</value></field></x></publish-options>`;
    await tomas.sends(
      `<iq type='set' id='v4'><pubsub xmlns='${pubsub}'><publish node='urn:xmpp:vcard4'><item id='current'>${vcard}</item></publish>${options}</pubsub></iq>`,
    );
    await tomas.receives('the answer', (one) => one.id === 'v4' && one.type === 'result');
    assert.deepEqual(await profileOf(mila, tomasJid), {
      PP_FRIENDLY_NAME: 'Tompa',
      PP_CITY: 'Kalmar',
      PP_COUNTRY: 'SE',
    });
    isContent(mila);
  });

  test('what cannot be: another’s profile, a property nobody knows, nothing at all', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    assert.equal(await mila.csp.codeFor(update(tomasJid, { PP_CITY: 'Turku' })), 427);
    assert.equal(await mila.csp.codeFor(update(milaJid, { PP_SHOE_SIZE: '41' })), 702);
    assert.equal(await mila.csp.codeFor({ name: 'UpdatePublicProfile-Request' }), 402);
    assert.deepEqual(await profileOf(mila, milaJid), {});
    const wrong = { name: 'GetPublicProfile-Request', UserID: ['wv:/walkers@home.test'] } as const;
    assert.equal(await mila.csp.codeFor(wrong), 531);
    isContent(mila);
  });
};
