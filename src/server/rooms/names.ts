// Namespaces and status codes of Multi-User Chat.

export const ns = {
  muc: 'http://jabber.org/protocol/muc',
  user: 'http://jabber.org/protocol/muc#user',
  admin: 'http://jabber.org/protocol/muc#admin',
  owner: 'http://jabber.org/protocol/muc#owner',
  roomConfig: 'http://jabber.org/protocol/muc#roomconfig',
  roomInfo: 'http://jabber.org/protocol/muc#roominfo',
  request: 'http://jabber.org/protocol/muc#request',
  registerForm: 'http://jabber.org/protocol/muc#register',
  stableId: 'http://jabber.org/protocol/muc#stable_id',
  selfPing: 'http://jabber.org/protocol/muc#self-ping-optimization',
  traffic: 'http://jabber.org/protocol/muc#traffic',
  reservedNick: 'x-roomuser-item',
  register: 'jabber:iq:register',
  conference: 'jabber:x:conference',
  occupantId: 'urn:xmpp:occupant-id:0',
  stanzaId: 'urn:xmpp:sid:0',
  delay: 'urn:xmpp:delay',
  hints: 'urn:xmpp:hints',
  ping: 'urn:xmpp:ping',
  info: 'http://jabber.org/protocol/disco#info',
  items: 'http://jabber.org/protocol/disco#items',
  rsm: 'http://jabber.org/protocol/rsm',
} as const;

/** XEP-0045 §15.6.2. */
export const code = {
  nonAnonymous: 100,
  affiliationChangedOutside: 101,
  configurationChanged: 104,
  self: 110,
  logged: 170,
  notLogged: 171,
  nowNonAnonymous: 172,
  nowSemiAnonymous: 173,
  created: 201,
  nickAssigned: 210,
  banned: 301,
  nickChanged: 303,
  kicked: 307,
  notMemberAnyMore: 321,
  nowMembersOnly: 322,
  shutdown: 332,
  technical: 333,
} as const;
export type Code = (typeof code)[keyof typeof code];
