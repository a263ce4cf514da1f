// CSP 1.2, 1.3 "VerifyID": are these addresses good? Whether an account exists no XMPP server tells strangers: a user is good
// when the address is one and its server is there.

import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { jidOfUser, roomOfText } from '../../mapping/address.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Service } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { discoInfo } from '../client/caps.ts';
import type { Refused } from '../common/details.ts';
import { resultFor } from '../common/details.ts';
import { findList, sessionLists } from '../contact-lists/session-lists.ts';

const idsMax = 50;

const verify: Handler<'VerifyID-Request'> = async ({ IDList }, session) => {
  const { UserID = [], ContactList = [], GroupID = [], ScreenName = [], Domain = [] } = IDList;
  const count = UserID.length + ContactList.length + GroupID.length + ScreenName.length + Domain.length;
  if (count === 0 || count > idsMax) return statusOf(402, `between 1 and ${idsMax} addresses`);
  // Several addresses of one server cost one question.
  const asked = new Map<string, Promise<boolean>>();
  const answers = (jid: Jid): Promise<boolean> => {
    const key = jid.toString();
    const answer = asked.get(key) ?? isThere(session, jid);
    asked.set(key, answer);
    return answer;
  };
  const wrong = async <Id>(ids: readonly Id[], isGood: (id: Id) => Promise<boolean>): Promise<Id[]> => {
    const good = await Promise.all(ids.map(isGood));
    return ids.filter((_, index) => !good[index]);
  };
  const domain = (text: string): Promise<boolean> => {
    const jid = Jid.parse(text);
    return jid.ok && jid.value.local === undefined && jid.value.isBare ? answers(jid.value) : Promise.resolve(false);
  };
  const room = (text: string): Promise<boolean> => {
    const jid = roomOfText(text, session.user.domain);
    return jid ? answers(jid) : Promise.resolve(false);
  };
  const lists = ContactList.length > 0 ? (await sessionLists(session)).lists : [];
  const [users, groups, names, domains] = await Promise.all([
    wrong(UserID, async (text) => {
      const jid = jidOfUser(text, session.user.domain);
      return jid ? answers(Jid.from(jid.domain)) : false;
    }),
    wrong(GroupID, room),
    // Who is in a room only those in it learn: the room itself is looked for.
    wrong(ScreenName, ({ SName, GroupID: group }) => (SName.trim() === '' ? Promise.resolve(false) : room(group))),
    wrong(Domain, domain),
  ]);
  const noLists = ContactList.filter((text) => !findList(session, lists, text));
  const refused: Refused[] = [
    ...(users.length > 0 ? [{ code: 531, users }] : []),
    ...(noLists.length > 0 ? [{ code: 700, lists: noLists }] : []),
    ...(groups.length > 0 ? [{ code: 800, groups }] : []),
    ...(names.length > 0 ? [{ code: 901, screenNames: names }] : []),
    ...(domains.length > 0 ? [{ code: 404, domains }] : []),
  ];
  return { name: 'Status', Result: resultFor(refused, count, session.version, true) };
};

/** Answers of any kind count: a server that refuses to speak is there. */
const isThere = async (session: SessionView, jid: Jid): Promise<boolean> => {
  const answer = await session.iq({
    type: 'get',
    to: jid,
    child: el('query', { xmlns: discoInfo }),
    timeoutMs: 10_000,
  });
  if (answer.ok) return true;
  if (answer.fault.reason !== 'error') return false;
  const { condition = '' } = answer.fault;
  if (jid.local !== undefined) return condition === 'forbidden' || condition === 'registration-required';
  return condition !== 'remote-server-not-found' && condition !== 'remote-server-timeout';
};

export const verifying: Service = {
  name: 'verify',
  specs: ['CSP 1.2, 1.3: Verify ID', 'XEP-0030: Service Discovery'],
  leaves: ['VRID'],
  primitives: { 'VerifyID-Request': verify },
};
