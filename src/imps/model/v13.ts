// CSP 1.3 only: segments, system messages, general notifications, public profiles, maps, extended conversation.

import type { Family } from './family.ts';

export const later: Family = {
  primitives: `
    DropSegment-Request{1.3}             client Request  Inband SGMNT  Status
    ExtendConversation-Request{1.3}      client Request  Inband EXCON  ExtendConversation-Response, Status
    ExtendConversation-Response{1.3}     server Response Inband EXCON  nothing, Status
    GetMap-Request{1.3}                  client Request  Inband GETMAP GetMap-Response
    GetMap-Response{1.3}                 server Response Inband GETMAP
    GetPublicProfile-Request{1.3}        client Request  Inband core   GetPublicProfile-Response
    GetPublicProfile-Response{1.3}       server Response Inband core
    GetSegment-Request{1.3}              client Request  Inband SGMNT  GetSegment-Response
    GetSegment-Response{1.3}             server Response Inband SGMNT
    Notification-Request{1.3}            server Request  Inband core   Status
    SubscribeNotification-Request{1.3}   client Request  Inband core   Status
    SystemMessage-Request{1.3}           server Request  Inband core   Status, SystemMessage-User
    SystemMessage-User{1.3}              client Request  Inband core   Status
    UnsubscribeNotification-Request{1.3} client Request  Inband core   Status
    UpdatePublicProfile-Request{1.3}     client Request  Inband core   Status
  `,
  content: {
    'DropSegment-Request': 'SegmentID',
    'ExtendConversation-Request': `
      ExtendConversationID?, UserIDList?, ExtendConversationUser?, SubscribeNotification?, WelcomeNote?,
      ScreenName?
    `,
    'ExtendConversation-Response': 'ExtendConversationID?, GroupID?, ResponseNote?, Result',
    'GetMap-Request': '(UserID | PresenceSubList)',
    'GetMap-Response': '(Map | URL)',
    'GetPublicProfile-Request': 'UserID+',
    'GetPublicProfile-Response': 'Result, PublicProfile*',
    'GetSegment-Request': 'SegmentID',
    'GetSegment-Response': 'SegmentContent',
    'Notification-Request': `
      NotificationType, (BlockListInUse | GrantListInUse | GroupID | ContactListIDList | InviteID |
      OnlineETEMHandling | (PresenceSubList?, UserIDList?, ContactListIDList?, DefaultList?) | SessionPriority
      | UserList | UserIDPair)?
    `,
    'SubscribeNotification-Request': 'NotificationTypeList',
    'SystemMessage-Request': 'SystemMessageList',
    'SystemMessage-User': 'SystemMessageResponseList',
    'UnsubscribeNotification-Request': 'NotificationTypeList',
    'UpdatePublicProfile-Request': 'ClearPublicProfile?, PublicProfile?',
    AnswerOption: 'AnswerOptionID, AnswerOptionText',
    AnswerOptions: 'AnswerOption+',
    ExtendConversationUser: 'UserID, ClientID?',
    Map: 'ContentType, ContentEncoding?, ContentData',
    NotificationTypeList: 'NotificationType+',
    PublicProfile: 'UserID, Property*',
    SegmentInfo: 'SegmentCount, SegmentID',
    SegmentID: 'TransactionID, SegmentReference',
    SystemMessage: 'SystemMessageID, RequiresResponse?, SystemMessageText, AnswerOptions?, VerificationMechanism?',
    SystemMessageList: 'SystemMessage+',
    SystemMessageResponse: 'SystemMessageID, ChosenOptionID?, VerificationKey?',
    SystemMessageResponseList: 'SystemMessageResponse+',
    UserIDPair: 'UnrecognizedUserID, ValidUserID',
    VerificationMechanism: '(InText | URL)',
  },
  leaves: {
    boolean: 'ClearPublicProfile, RequiresResponse',
    id: 'ExtendConversationID, SystemMessageID, UnrecognizedUserID, ValidUserID',
    integer: 'AnswerOptionID, ChosenOptionID, SegmentCount, SegmentReference',
    text: 'AnswerOptionText, InText, SegmentContent, SystemMessageText, VerificationKey',
  },
  enums: {
    NotificationType: `
      AC | ANC | AND | ANU | ATCL | BLC | BLUC | CLC | CLCR | CLD | GC | GD | GLC | GLUC | GMAU | GMG | GMR |
      GMU | IA | IC | IR | OEU | PPU | SPA | ...
    `,
  },
};
