// CSP elements that several services use: who (users, clients, groups), what came of it (Result), content.

import type { Family } from './family.ts';

export const shared: Family = {
  content: {
    ClientID: 'URL?, MSISDN?',
    ContactListIDList: 'ContactList*',
    DetailedResult: `
      Code, Description?, ((UserID*, GroupID*, ScreenName*, MessageID*{1.2-}, ContactList*{1.2-},
      Domain*{1.2-}) | SearchElement+{1.3})
    `,
    Group: '(GroupID | ScreenName)',
    Property: 'Name, Value?',
    Recipient: 'User*, Group*, ContactList*',
    Result: 'Code, Description?, DetailedResult*, SystemMessageList?{1.3}, TryAgainTimeout?{1.3}',
    ScreenName: 'SName, GroupID',
    Sender: '(User | Group)',
    User: 'UserID, FriendlyName?{1.3}, ClientID?{-1.2}, (ApplicationID | ClientID)?{1.3}',
    UserIDList: 'UserID*',
    UserList: 'User*, ScreenName*',
  },
  leaves: {
    binary: 'ContentData',
    boolean: 'SubscribeGroupNotice-Response/Value',
    id: `
      ApplicationID, ContactList, ContentType, Domain, GroupID, MessageID, MSISDN, SessionID, TransactionID, URL,
      UserID
    `,
    integer: 'Code, ContentSize, TryAgainTimeout',
    text: 'Description, FriendlyName, Name, SName, Property/Value',
  },
  enums: {
    ContentEncoding: 'None | BASE64 | ...',
    SearchElement: `
      USER_ID | USER_FIRST_NAME | USER_LAST_NAME | USER_EMAIL_ADDRESS | USER_ALIAS | USER_ONLINE_STATUS |
      USER_MOBILE_NUMBER | GROUP_ID | GROUP_NAME | GROUP_TOPIC | GROUP_USER_ID_JOINED | GROUP_USER_ID_OWNER |
      GROUP_USER_ID_AUTOJOIN{1.2-} | USER_FRIENDLY_NAME{1.3} | USER_CITY{1.3} | USER_COUNTRY{1.3} |
      USER_GENDER{1.3} | USER_MARITAL_STATUS{1.3} | USER_INTENTION{1.3} | USER_INTERESTS_HOBBIES{1.3} |
      USER_AGE_MIN{1.3} | USER_AGE_MAX{1.3}
    `,
  },
  plain: { ClientID: 'URL' },
};
