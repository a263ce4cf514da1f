// XEP-0054 vcard-temp 1.3.0: an account's vCard, kept by the server; anybody may read it, its owner may set it.

import { strict as assert } from 'node:assert';
import { own } from '../../base/hooks.ts';
import { type Element, el, write } from '../../xml/element.ts';
import { parseElement } from '../../xml/reader.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type AccountRequest, accountRequest, requestKey, vcardStored, vcardToShow, vcardToStore } from '../points.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';

const xmlns = 'vcard-temp';
export const vcardKey = '{vcard-temp}vCard';

export const vcard: Feature = {
  specs: [{ id: 'XEP-0054', name: 'vcard-temp', version: '1.3.0', scope: 'accounts', namespaces: [xmlns] }],
  taps: () => [
    own(accountRequest, requestKey('get', xmlns, 'vCard'), get),
    own(accountRequest, requestKey('set', xmlns, 'vCard'), set),
    advertise('server', xmlns),
    advertise('account', xmlns),
  ],
};

/** §3.1, §3.3. An account without one looks, to others, like an account that does not exist. */
const get = async ({ user, stanza, from, isOwn }: AccountRequest): Promise<Stanza> => {
  const text = await user.host.store.privateData.get(user.jid.toString(), vcardKey);
  const vcard = text === undefined ? el('vCard', { xmlns }) : parsed(text);
  const shown = (await user.host.hooks.ask(vcardToShow, { user, vcard, asker: from })) ?? vcard;
  return text === undefined && !isOwn && shown === vcard ? stanza.error('service-unavailable') : stanza.result(shown);
};
const parsed = (text: string): Element => {
  const read = parseElement(text, { bytesMax: Number.MAX_SAFE_INTEGER });
  assert(read.ok, 'a stored vCard is well-formed');
  return read.value;
};

/** §3.2. */
const set = async ({ user, stanza, payload, isOwn, turn }: AccountRequest): Promise<Stanza> => {
  if (!isOwn) return stanza.error('forbidden');
  const { store, limits } = user.host;
  const account = user.jid.toString();
  if (write(payload).length > limits.vcardMax)
    return stanza.error('resource-constraint', { text: 'the vCard is too large' });
  const text = write((await user.host.hooks.ask(vcardToStore, { user, vcard: payload, turn })) ?? payload);
  const others =
    (await store.privateData.size(account)) - Buffer.byteLength((await store.privateData.get(account, vcardKey)) ?? '');
  if (others + Buffer.byteLength(text) > limits.privateBytesMax)
    return stanza.error('resource-constraint', { text: 'the account keeps too much' });
  await store.privateData.set(account, vcardKey, text);
  for (const work of user.host.hooks.gather(vcardStored, [], user)) await work(turn);
  return stanza.result();
};
