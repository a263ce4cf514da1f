// XEP-0054 vcard-temp 1.3.0: an account's vCard, kept by the server; anybody may read it, its owner may set it.

import { strict as assert } from 'node:assert';
import { own } from '../../base/hooks.ts';
import { el, write } from '../../xml/element.ts';
import { parseElement } from '../../xml/reader.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type AccountRequest, accountRequest, requestKey, vcardStored } from '../points.ts';
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
const get = async ({ user, stanza, isOwn }: AccountRequest): Promise<Stanza> => {
  const text = await user.host.store.privateData.get(user.jid.toString(), vcardKey);
  if (text === undefined) return isOwn ? stanza.result(el('vCard', { xmlns })) : stanza.error('service-unavailable');
  const read = parseElement(text, { bytesMax: Number.MAX_SAFE_INTEGER });
  assert(read.ok, 'a stored vCard is well-formed');
  return stanza.result(read.value);
};

/** §3.2. */
const set = async ({ user, stanza, payload, isOwn, turn }: AccountRequest): Promise<Stanza> => {
  if (!isOwn) return stanza.error('forbidden');
  const { store, limits } = user.host;
  const account = user.jid.toString();
  const text = write(payload);
  if (text.length > limits.vcardMax) return stanza.error('resource-constraint', { text: 'the vCard is too large' });
  const others =
    (await store.privateData.size(account)) - Buffer.byteLength((await store.privateData.get(account, vcardKey)) ?? '');
  if (others + Buffer.byteLength(text) > limits.privateBytesMax)
    return stanza.error('resource-constraint', { text: 'the account keeps too much' });
  await store.privateData.set(account, vcardKey, text);
  user.host.hooks.tell(vcardStored, { user, vcard: payload, turn });
  return stanza.result();
};
