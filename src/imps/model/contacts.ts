// CSP contact lists.

import type { Family } from './family.ts';

export const contacts: Family = {
  primitives: `
    GetList-Request          client Request  Inband GCLI GetList-Response
    GetList-Response         server Response Inband GCLI
    CreateList-Request       client Request  Inband CCLI CreateList-Response{1.3}, Status
    CreateList-Response{1.3} server Response Inband CCLI
    DeleteList-Request       client Request  Inband DCLI Status
    ListManage-Request       client Request  Inband MCLS ListManage-Response
    ListManage-Response      server Response Inband MCLS
  `,
  content: {
    'GetList-Request': '',
    'GetList-Response': 'ContactList*{-1.2}, ContactListIDList?{1.3}, DefaultContactList?',
    'CreateList-Request': 'ContactList, NickList?, ContactListProperties?',
    'CreateList-Response': 'ContactList, ContactListProperties?',
    'DeleteList-Request': 'ContactList',
    'ListManage-Request': `
      ContactList, (AddNickList | RemoveNickList | ContactListProperties)?, ReceiveList!{1.2-},
      AuthorizeAndGrant?{1.3}
    `,
    'ListManage-Response': 'Result, NickList?, ContactListProperties?',
    AddNickList: '(NickName | UserID)*{1.1}, (NickName | UserID)+{1.2-}',
    ContactListProperties: 'Property+',
    NickList: '(NickName | UserID)*',
    NickName: 'Name, UserID',
    RemoveNickList: 'UserID+',
  },
  leaves: {
    boolean: 'AuthorizeAndGrant, ReceiveList',
    id: 'DefaultContactList',
  },
};
