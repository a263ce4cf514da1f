// CSP search, invitations and address verification.

import type { Family } from './family.ts';

export const common: Family = {
  primitives: `
    Search-Request           client Request  Inband SRCH  Search-Response
    Search-Response          server Response Inband SRCH
    StopSearch-Request       client Request  Inband STSRC Status
    Invite-Request           client Request  Inband INVIT Status
    InviteUser-Request       server Request  Inband INVIT Status
    InviteUser-Response      client Request  Inband INVIT Status
    Invite-Response          server Request  Inband INVIT Status
    CancelInvite-Request     client Request  Inband CAINV Status
    CancelInviteUser-Request server Request  Inband CAINV Status
    VerifyID-Request{1.2-}   client Request  Inband VRID  Status
  `,
  content: {
    'Search-Request': 'SearchPairList*, AdvancedCriteria?{1.3}, SearchLimit?, SearchID?, SearchIndex?',
    'Search-Response': 'SearchID?, SearchFindings, CompletionFlag, SearchIndex?, SearchResult?',
    'StopSearch-Request': 'SearchID',
    'Invite-Request': `
      InviteID, InviteType, Sender!{1.3}, Recipient, ApplicationID?{1.3}, GroupID?, PresenceSubList?,
      URLList?, InviteNote?, ScreenName?, Validity!{1.1}, Validity?{1.2-}
    `,
    'InviteUser-Request': `
      InviteID, InviteType, Sender, Recipient?{1.3}, ApplicationID?{1.3}, GroupID?, PresenceSubList?,
      URLList?, InviteNote?, ScreenName?{1.3}, Validity?
    `,
    'InviteUser-Response': 'InviteID, Acceptance, Sender!{1.2-}, Recipient?{1.3}, ResponseNote?, ScreenName?',
    'Invite-Response': `
      InviteID, Acceptance, Sender, Recipient?{1.3}, InviteNote?{1.3}, ResponseNote?{-1.2}, ScreenName?{1.3}
    `,
    'CancelInvite-Request': `
      InviteID, Sender!{1.3}, Recipient{1.1}, Recipient?{1.2-}, InviteNote?, ApplicationID?{1.3},
      GroupID?{1.3}, PresenceSubList?{1.3}, URLList?, ScreenName?
    `,
    'CancelInviteUser-Request': `
      InviteID, Sender, Recipient?{1.3}, InviteNote?, ApplicationID?{1.3}, GroupID?{1.3},
      PresenceSubList?{1.3}, URLList?, ScreenName?{1.3}
    `,
    'VerifyID-Request': 'IDList',
    GroupList: 'GroupID+',
    IDList: 'UserID*, ContactList*, GroupID*, ScreenName*, Domain*',
    SearchPair: 'SearchElement, SearchString, PairID?{1.3}',
    SearchPairList: '<SearchPair>{-1.2}, SearchPair+{1.3}',
    SearchResult: '(UserList | GroupList)',
    URLList: 'URL+',
  },
  leaves: {
    boolean: 'CompletionFlag',
    id: 'InviteID, SearchID',
    integer: 'PairID, SearchFindings, SearchIndex, SearchLimit',
    text: 'AdvancedCriteria, InviteNote, ResponseNote, SearchString',
  },
  enums: {
    InviteType: 'GR | IM | PR | SC | GM{1.2-} | AP{1.3} | EC{1.3} | EG{1.3}',
  },
};
