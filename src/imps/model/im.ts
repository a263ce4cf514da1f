// CSP instant messages: sending, receiving, delivery reports, blocking.

import type { Family } from './family.ts';

export const im: Family = {
  primitives: `
    SendMessage-Request          client Request  Inband IMFeat SendMessage-Response
    SendMessage-Response         server Response Inband IMFeat
    NewMessage                   server Request  Inband NEWM   MessageDelivered
    MessageNotification          server Request  Inband NOTIF  Status
    MessageDelivered             client Response Inband IMFeat nothing, Status
    GetMessageList-Request       client Request  Inband GETLM  GetMessageList-Response
    GetMessageList-Response      server Response Inband GETLM
    GetMessage-Request           client Request  Inband GETM   GetMessage-Response
    GetMessage-Response          server Response Inband GETM
    RejectMessage-Request        client Request  Inband REJCM  Status
    ForwardMessage-Request       client Request  Inband FWMSG  ForwardMessage-Response{1.3}, Status
    ForwardMessage-Response{1.3} server Response Inband FWMSG
    SetDeliveryMethod-Request    client Request  Inband SETD   Status
    DeliveryReport-Request       server Request  Inband MDELIV Status
    BlockEntity-Request          client Request  Inband BLENT  Status
    GetBlockedList-Request       client Request  Inband GLBLU  GetBlockedList-Response
    GetBlockedList-Response      server Response Inband GLBLU
  `,
  content: {
    'SendMessage-Request': 'DeliveryReport!, MessageInfo, ContentData?',
    'SendMessage-Response': 'Result, MessageID?',
    NewMessage: 'MessageInfo, ContentData?',
    MessageNotification: 'MessageInfo',
    MessageDelivered: 'MessageID',
    'GetMessageList-Request': 'GroupID?, MessageCount?',
    'GetMessageList-Response': 'MessageInfo*{-1.2}, MessageInfoList?{1.3}, MessageTotalCount?{1.3}',
    'GetMessage-Request': 'MessageID',
    'GetMessage-Response': 'MessageInfo, ContentData?',
    'RejectMessage-Request': 'MessageID+',
    'ForwardMessage-Request': 'MessageID, Sender?{1.3}, Recipient',
    'ForwardMessage-Response': 'MessageID',
    'SetDeliveryMethod-Request': 'DeliveryMethod, AcceptedContentLength?{-1.2}, GroupID?, GroupContentLimit?{1.3}',
    'DeliveryReport-Request': 'Result, DeliveryTime?, MessageInfo',
    'BlockEntity-Request': 'BlockList?, BlockListInUse?{1.3}, GrantList?, GrantListInUse?{1.3}',
    'GetBlockedList-Request': '',
    'GetBlockedList-Response': 'BlockList?, BlockListInUse?{1.3}, GrantList?, GrantListInUse?{1.3}',
    AddList: 'UserID*, ScreenName*, GroupID*, ContactList*{1.3}, ApplicationID*{1.3}',
    BlockList: 'InUse?{-1.2}, (EntityList | (AddList?, RemoveList?))?',
    EntityList: 'UserID*, ScreenName*, GroupID*, ContactList*{1.3}, ApplicationID*{1.3}',
    ExtBlockETEM: 'any',
    Font: 'Size?, Style*, Color?',
    GrantList: 'InUse?{-1.2}, (EntityList | (AddList?, RemoveList?))?',
    MessageInfo: `
      MessageID?, MessageURI?, ContentType?, ContentEncoding?, ContentSize!, ContentName?{1.3}, Recipient,
      Sender!, DateTime?, Font?{1.3}, Validity?, ExtBlockETEM*{1.3}
    `,
    MessageInfoList: 'MessageInfo*',
    RemoveList: 'UserID*, ScreenName*, GroupID*, ContactList*{1.3}, ApplicationID*{1.3}',
  },
  leaves: {
    boolean: 'BlockListInUse, DeliveryReport, GrantListInUse, InUse',
    date: 'DateTime, DeliveryTime',
    id: 'MessageURI',
    integer: 'GroupContentLimit, MessageCount, MessageTotalCount, Validity',
    text: 'ContentName',
  },
  enums: {
    Color: `
      Aqua | Black | Blue | Fuchsia | Gray | Green | Lime | Maroon | Navy | Olive | Purple | Red | Silver |
      Teal | White | Yellow | ...
    `,
    DeliveryMethod: 'P | N',
    Size: 'Tiny | Small | Medium | Big | Huge | ...',
    Style: 'Bold | Italic | Underline',
  },
  aliases: {
    'BlockUser-Request': 'BlockEntity-Request',
  },
};
