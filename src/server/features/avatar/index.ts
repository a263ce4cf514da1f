// XEP-0398 User Avatar to vCard-Based Avatars Conversion 1.0.0: one picture of an account, however it was set and whoever looks
// for it. It lives in the account's nodes (XEP-0084); the vCard shows it to those who may read them (XEP-0153), and every
// available presence says which it is.

import { add, hear, judge } from '../../../base/hooks.ts';
import { childText, type Element, el, write } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { letGo, nodeChanged, presenceToSend, type Sent, vcardToShow, vcardToStore } from '../../points.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { Turn } from '../../users/turns.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';
import { broadcast, echo } from '../presence/broadcast.ts';
import { publishItem } from '../pubsub/items.ts';
import { readingFault } from '../pubsub/node.ts';
import { dataNs, imageId, metadataNs, updateNs } from './names.ts';
import { imageOf, photoIn, publishedPicture } from './picture.ts';

const conversionNs = 'urn:xmpp:pep-vcard-conversion:0';

/** What presence says: the picture's id; '' when there was one and is none any more; undefined when there never was. */
type Shown = string | undefined;
/** Presences that say what we say, and not what their client does. */
const stampedHere = new WeakSet<Stanza>();
const shownBy = new WeakMap<LocalUser, { readonly id: Shown }>();

export const avatar: Feature = {
  specs: [
    { id: 'XEP-0084', name: 'User Avatar', version: '1.1.4', scope: 'kept in personal eventing' },
    { id: 'XEP-0153', name: 'vCard-Based Avatars', version: '1.1.1', scope: 'in presence, on behalf of every client' },
    {
      id: 'XEP-0398',
      name: 'User Avatar to vCard-Based Avatars Conversion',
      version: '1.0.0',
      scope: 'both ways',
    },
  ],
  taps: () => [
    judge(vcardToShow, 'avatar', ({ user, vcard, asker }) => withPhoto(user, vcard, asker)),
    judge(vcardToStore, 'avatar', ({ user, vcard, turn }) => withoutPhoto(user, vcard, turn)),
    judge(presenceToSend, 'avatar', stamp),
    add(nodeChanged, 'any', (works, { user, node }) =>
      node === metadataNs ? [...works, (turn) => tellChange(user, turn)] : works,
    ),
    hear(letGo, 'any', (user) => void shownBy.delete(user)),
    advertise('account', conversionNs),
  ],
};

// ---- presence (XEP-0398 §4) -----------------------------------------------------------------------------------------

const stamp = ({ user, stanza }: Sent): Stanza | undefined | Promise<Stanza | undefined> => {
  const known = shownBy.get(user);
  return known ? stamped(stanza, known.id) : look(user).then((id) => stamped(stanza, id));
};

const look = async (user: LocalUser): Promise<Shown> => {
  const id = (await publishedPicture(user))?.id;
  shownBy.set(user, { id });
  return id;
};

/** Undefined: the presence may go out as it is. A client that says it has none for its part is left alone. */
const stamped = (stanza: Stanza, id: Shown): Stanza | undefined => {
  if (id === undefined) return undefined;
  const update = stanza.child('x', updateNs);
  const said = update && childText(update, 'photo')?.trim();
  if ((said === '' && !stampedHere.has(stanza)) || said === id) return undefined;
  const mark = el('x', { xmlns: updateNs }, el('photo', null, id));
  const made = update
    ? Stanza.make(stanza, ...stanza.elements.map((one) => (one === update ? mark : one)))
    : stanza.plus(mark);
  stampedHere.add(made);
  return made;
};

/** Contacts whose clients know vCards only learn of a change by presence. */
const tellChange = async (user: LocalUser, turn: Turn): Promise<void> => {
  const before = shownBy.get(user)?.id;
  const found = await look(user);
  const id = found ?? (before === undefined ? undefined : '');
  shownBy.set(user, { id });
  if (id === before || id === undefined) return;
  for (const session of user.available) {
    const changed = session.presence && stamped(session.presence, id);
    if (!changed) continue;
    session.presence = changed;
    echo(user, changed);
    broadcast(user, changed, turn);
  }
};

// ---- the vCard ------------------------------------------------------------------------------------------------------

/** §3.1: for those who may read the image itself. */
const withPhoto = async (user: LocalUser, vcard: Element, asker: Jid): Promise<Element> => {
  const picture = await publishedPicture(user);
  const image = picture && (await imageOf(user, picture));
  if (!picture || !image || readingFault(user, { name: dataNs, settings: image.settings }, asker)) return vcard;
  const photo = el(
    'PHOTO',
    { xmlns: vcard.xmlns },
    el('TYPE', null, picture.type),
    el('BINVAL', null, image.octets.toString('base64')),
  );
  return { ...vcard, children: [...bare(vcard).children, photo] };
};

/**
 * §3.2: a picture in a vCard is published, readable by all as vCards are; a vCard that comes without the one there was takes
 * it back. What could not be published stays in the vCard.
 */
const withoutPhoto = async (user: LocalUser, vcard: Element, turn: Turn): Promise<Element> => {
  const photo = photoIn(vcard);
  const before = await publishedPicture(user);
  if (!photo) {
    if (before) await publish(user, metadataNs, 'current', el('metadata', { xmlns: metadataNs }), turn);
    await tellChange(user, turn);
    return vcard;
  }
  const id = imageId(photo.octets);
  if (id !== before?.id) {
    const data = el('data', { xmlns: dataNs }, photo.octets.toString('base64'));
    const info = el('info', { bytes: String(photo.octets.length), id, type: photo.type });
    const isDone =
      (await publish(user, dataNs, id, data, turn)) &&
      (await publish(user, metadataNs, id, el('metadata', { xmlns: metadataNs }, info), turn));
    if (!isDone) return vcard;
    await tellChange(user, turn);
  }
  return bare(vcard);
};

const bare = (vcard: Element): Element => ({
  ...vcard,
  children: vcard.children.filter((one) => typeof one === 'string' || one.name !== 'PHOTO'),
});

const accessModel = 'pubsub#access_model';

const publish = async (user: LocalUser, node: string, id: string, payload: Element, turn: Turn): Promise<boolean> => {
  const item = { id, payload: write(payload), publishedAt: user.host.clock.wall() };
  const exists = (await user.host.store.pubsub.node(user.jid.toString(), node)) !== undefined;
  const options = new Map<string, readonly string[]>(exists ? [] : [[accessModel, ['open']]]);
  const done = await publishItem(user, node, item, options, turn);
  return done.ok;
};
