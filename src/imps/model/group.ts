// CSP groups: membership, joining, properties, notices.

import type { Family } from './family.ts';

export const group: Family = {
  primitives: `
    CreateGroup-Request           client Request  Inband CREAG     Status
    DeleteGroup-Request           client Request  Inband DELGR     Status
    JoinGroup-Request             client Request  Inband GroupFeat JoinGroup-Response
    JoinGroup-Response            server Response Inband GroupFeat
    LeaveGroup-Request            client Request  Inband GroupFeat LeaveGroup-Response
    LeaveGroup-Response           server either   Inband GroupFeat nothing, Status
    GetGroupMembers-Request       client Request  Inband GETGM     GetGroupMembers-Response
    GetGroupMembers-Response      server Response Inband GETGM
    AddGroupMembers-Request       client Request  Inband ADDGM     Status
    RemoveGroupMembers-Request    client Request  Inband RMVGM     Status
    MemberAccess-Request          client Request  Inband MBRAC     Status
    GetJoinedUsers-Request{1.2-}  client Request  Inband GETJU     GetJoinedUsers-Response
    GetJoinedUsers-Response{1.2-} server Response Inband GETJU
    GetGroupProps-Request         client Request  Inband GETGP     GetGroupProps-Response
    GetGroupProps-Response        server Response Inband GETGP
    SetGroupProps-Request         client Request  Inband SETGP     Status
    RejectList-Request            client Request  Inband REJEC     RejectList-Response
    RejectList-Response           server Response Inband REJEC
    SubscribeGroupNotice-Request  client Request  Inband SUBGCN    SubscribeGroupNotice-Response, Status
    SubscribeGroupNotice-Response server Response Inband SUBGCN
    GroupChangeNotice             server Request  Inband GRCHN     Status
  `,
  content: {
    'CreateGroup-Request': `
      GroupID, GroupProperties, OwnProperties?{1.3}, JoinGroup!, ScreenName?, SubscribeNotification!
    `,
    'DeleteGroup-Request': 'GroupID',
    'JoinGroup-Request': 'GroupID, ScreenName?, JoinedRequest!, SubscribeNotification!, OwnProperties?{1.2-}',
    'JoinGroup-Response': 'UserList?{1.1}, UserMapList?{1.2}, Joined?{1.3}, ScreenName?{1.3}, WelcomeNote?',
    'LeaveGroup-Request': 'GroupID',
    'LeaveGroup-Response': 'GroupID?, Result',
    'GetGroupMembers-Request': 'GroupID',
    'GetGroupMembers-Response': 'Admin?, Mod?, Users?{-1.2}, UserList?{1.3}',
    'AddGroupMembers-Request': 'GroupID, UserList{-1.2}, UserIDList!{1.3}',
    'RemoveGroupMembers-Request': 'GroupID, UserList{-1.2}, UserIDList!{1.3}',
    'MemberAccess-Request': 'GroupID, Admin?, Mod?, Users?{-1.2}, UserList?{1.3}',
    'GetJoinedUsers-Request': 'GroupID',
    'GetJoinedUsers-Response': '(AdminMapList | UserMapList), JoinedBlocked?{1.3}',
    'GetGroupProps-Request': 'GroupID',
    'GetGroupProps-Response': 'GroupProperties!, OwnProperties!',
    'SetGroupProps-Request': 'GroupID, GroupProperties?, OwnProperties?',
    'RejectList-Request': 'GroupID, AddList?, RemoveList?',
    'RejectList-Response': 'UserList?',
    'SubscribeGroupNotice-Request': 'GroupID, SubscribeType',
    'SubscribeGroupNotice-Response': 'Value',
    GroupChangeNotice: `
      GroupID, Joined?, Left?, JoinedBlocked?{1.3}, LeftBlocked?{1.3}, GroupProperties?, OwnProperties?
    `,
    Admin: 'UserList',
    AdminMapList: 'AdminMapping?, ModMapping?, UserMapping?',
    AdminMapping: 'Mapping+',
    GroupProperties: 'Property+, WelcomeNote?',
    Joined: '(UserList | ScreenName+){1.1}, UserMapList{1.2-}',
    JoinedBlocked: 'UserList',
    Left: '(UserList | ScreenName+){1.1}, UserList{1.2-}',
    LeftBlocked: 'UserList',
    Mapping: 'SName, UserID?',
    Mod: 'UserList',
    ModMapping: 'Mapping+',
    OwnProperties: 'Property+',
    UserMapList: 'UserMapping?',
    UserMapping: 'Mapping+',
    Users: 'UserList',
    WelcomeNote: 'ContentType!, ContentEncoding?, ContentData',
  },
  leaves: {
    boolean: 'JoinedRequest, JoinGroup, SubscribeNotification',
  },
  enums: {
    SubscribeType: 'G | S | U',
  },
};
