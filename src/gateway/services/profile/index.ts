// CSP 1.3 "Public profile" over XEP-0054 vCards: anybody may read it, the user writes it. Whoever publishes a profile wants to
// be found by it, as 1.3's search elements have it: the user is in the server's directory from then on, where it has one that
// asks first, until the profile is cleared.

import type { StructureOf } from '../../../imps/primitives.ts';
import { child, type Element, el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { profileNs, vcardTempNs } from '../../../xmpp/person/vcard-temp.ts';
import { jidOfUser } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import { type Handler, type Service, spread } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Refused, resultFor } from '../common/details.ts';
import { beFound } from './be-found.ts';
import { readNode, writeNode } from './node.ts';
import { isPropertyName, type PropertyName, readProfile, writeProfile } from './vcard.ts';
import { profileOfVcard4 } from './vcard4.ts';

const usersMax = 20;
const valueMax = 1000;

const get: Handler<'GetPublicProfile-Request'> = async (request, session) => {
  if (request.UserID.length > usersMax) return statusOf(402, `at most ${usersMax} users at a time`);
  const refused: Refused[] = [];
  const read = async (text: string): Promise<readonly StructureOf<'PublicProfile'>[]> => {
    const jid = jidOfUser(text, session.user.domain);
    const vcard = jid && (await vcardOf(session, jid));
    const newer = jid && (vcard === 'empty' || vcard === 'unknown') ? await profileOfVcard4(session, jid) : undefined;
    if (newer) return [{ UserID: text, Property: [...newer].map(([Name, Value]) => ({ Name, Value })) }];
    if (!vcard || vcard === 'unknown') {
      refused.push({ code: 531, users: [text] });
      return [];
    }
    if (vcard === 'unreachable') {
      refused.push({ code: 504, users: [text] });
      return [];
    }
    const Property = [...(await wholeProfile(session, jid, vcard === 'empty' ? undefined : vcard))].map(
      ([Name, Value]) => ({ Name, Value }),
    );
    return [{ UserID: text, ...(Property.length > 0 && { Property }) }];
  };
  const profiles = (await Promise.all(request.UserID.map(read))).flat();
  return {
    name: 'GetPublicProfile-Response',
    Result: resultFor(refused, profiles.length, session.version),
    PublicProfile: profiles,
  };
};

const update: Handler<'UpdatePublicProfile-Request'> = async (request, session) => {
  const { ClearPublicProfile: clears, PublicProfile: wished } = request;
  if (!clears && !wished) return statusOf(402, 'nothing to change');
  if (wished && !jidOfUser(wished.UserID, session.user.domain)?.equals(session.user))
    return statusOf(427, 'only your own profile');
  for (const { Name, Value } of wished?.Property ?? [])
    if (!isPropertyName(Name) || (Value ?? '').length > valueMax) return statusOf(702, Name);
  const vcard = await vcardOf(session, undefined);
  // A vCard that could not be read must not be replaced by one that holds a profile and nothing else.
  if (vcard === 'unreachable') return statusOf(504, 'the server did not answer');
  const before = typeof vcard === 'string' ? undefined : vcard;
  const profile: Map<PropertyName, string> = clears ? new Map() : await wholeProfile(session, undefined, before);
  for (const { Name, Value } of wished?.Property ?? [])
    if (isPropertyName(Name)) {
      if (Value) profile.set(Name, Value);
      else profile.delete(Name);
    }
  const done = await session.iq({ type: 'set', child: writeProfile(before, profile) });
  if (done.ok) {
    if (!(await keepTheRest(session, profile))) return statusOf(605, 'the server does not keep all of it');
    session.run(() => beFound(session, profile.size > 0));
    return { answer: statusOf(200), effects: [spread({ what: 'profile' })] };
  }
  return done.fault.reason === 'error' ? statusOf(605, 'the server does not take it') : statusOf(504);
};

/** Out of the vCard and, where the server keeps no more than it knows of there, out of the node beside it. */
const wholeProfile = async (
  session: SessionView,
  jid: Jid | undefined,
  vcard: Element | undefined,
): Promise<Map<PropertyName, string>> => {
  const own = readProfile(vcard);
  const isWhole = vcard !== undefined && child(vcard, 'profile', profileNs) !== undefined;
  return isWhole ? own : new Map([...(await readNode(session, jid)), ...own]);
};

/** Looks what became of a profile in the vCard, and puts into the node what was lost. */
const keepTheRest = async (session: SessionView, profile: ReadonlyMap<PropertyName, string>): Promise<boolean> => {
  const vcard = await vcardOf(session, undefined);
  if (vcard === 'unreachable' || vcard === 'unknown') return false;
  const kept = readProfile(vcard === 'empty' ? undefined : vcard);
  const lost = new Map([...profile].filter(([name, text]) => kept.get(name) !== text));
  const before = await readNode(session, undefined);
  return (lost.size === 0 && before.size === 0) || writeNode(session, lost);
};

/** `jid` undefined: the user's own. */
const vcardOf = async (session: SessionView, jid: Jid | undefined) => {
  const to = jid && !jid.equals(session.user) ? { to: jid } : {};
  const answer = await session.iq({ type: 'get', ...to, child: el('vCard', { xmlns: vcardTempNs }) });
  if (answer.ok) return answer.value.child('vCard', vcardTempNs) ?? 'empty';
  if (answer.fault.reason !== 'error') return 'unreachable';
  const { condition } = answer.fault;
  if (condition === 'item-not-found') return 'empty';
  return condition === 'remote-server-timeout' ? 'unreachable' : 'unknown';
};

export const profile: Service = {
  name: 'profile',
  specs: ['CSP 1.3: Public profile', 'XEP-0054: vcard-temp', 'XEP-0292: vCard4 Over XMPP', 'XEP-0050: Ad-Hoc Commands'],
  leaves: [],
  primitives: { 'GetPublicProfile-Request': get, 'UpdatePublicProfile-Request': update },
};
