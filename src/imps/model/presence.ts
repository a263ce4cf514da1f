// CSP presence: subscriptions, notifications, updates, authorization, attribute lists, watchers.

import type { Family } from './family.ts';

export const presence: Family = {
  primitives: `
    SubscribePresence-Request           client Request  Inband PresenceFeat Status
    UnsubscribePresence-Request         client Request  Inband PresenceFeat Status
    PresenceNotification-Request        server Request  Inband PresenceFeat Status
    GetPresence-Request                 client Request  Inband GETPR        GetPresence-Response
    GetPresence-Response                server Response Inband GETPR
    UpdatePresence-Request              client Request  Inband UPDPR        Status
    PresenceAuth-Request{-1.2}          server Request  Inband REACT        Status
    PresenceAuth-User{-1.2}             client either   Inband REACT        Status
    CancelAuth-Request{-1.2}            client Request  Inband CAAUT        Status
    GetReactiveAuthStatus-Request{1.2}  client Request  Inband GETAUT       GetReactiveAuthStatus-Response
    GetReactiveAuthStatus-Response{1.2} server Response Inband GETAUT
    GetWatcherList-Request              client Request  Inband GETWL        GetWatcherList-Response
    GetWatcherList-Response             server Response Inband GETWL
    CreateAttributeList-Request         client Request  Inband CALI         Status
    DeleteAttributeList-Request         client Request  Inband DALI         Status
    GetAttributeList-Request            client Request  Inband GALS         GetAttributeList-Response
    GetAttributeList-Response           server Response Inband GALS
  `,
  content: {
    'SubscribePresence-Request': `
      User*{-1.2}, ContactList*{-1.2}, UserIDList?{1.3}, ContactListIDList?{1.3}, PresenceSubList?,
      AutoSubscribe!{1.2}
    `,
    'UnsubscribePresence-Request': 'User*{-1.2}, ContactList*{-1.2}, UserIDList?{1.3}, ContactListIDList?{1.3}',
    'PresenceNotification-Request': 'Presence+',
    'GetPresence-Request': '(User+ | ContactList+){-1.2}, (UserIDList | ContactListIDList)!{1.3}, PresenceSubList?',
    'GetPresence-Response': 'Result, Presence*',
    'UpdatePresence-Request': 'PresenceSubList',
    'PresenceAuth-Request': 'UserID, PresenceSubList?',
    'PresenceAuth-User': 'UserID, Acceptance, PresenceSubList?{1.2}',
    'CancelAuth-Request': 'UserID',
    'GetReactiveAuthStatus-Request': 'UserID*',
    'GetReactiveAuthStatus-Response': 'ReactiveAuthStatusList',
    'GetWatcherList-Request': 'HistoryPeriod?{1.2-}, MaxWatcherList?{1.2-}',
    'GetWatcherList-Response': 'User*{1.1}, HistoryPeriod?{1.2-}, WatcherCount?{1.3}, Watcher*{1.2-}',
    'CreateAttributeList-Request': `
      PresenceSubList, UserID*{-1.2}, ContactList*{-1.2}, UserIDList?{1.3}, ContactListIDList?{1.3},
      DefaultList!, DefaultNotify?{1.3}, UserNotify?{1.3}, ContactListNotify?{1.3}
    `,
    'DeleteAttributeList-Request': `
      UserID*{-1.2}, ContactList*{-1.2}, UserIDList?{1.3}, ContactListIDList?{1.3}, DefaultList!
    `,
    'GetAttributeList-Request': `
      DefaultList!, ContactList*{-1.2}, User*{-1.2}, ContactListIDList?{1.3}, UserIDList?{1.3}
    `,
    'GetAttributeList-Response': 'Result, DefaultAttributeList?, Presence*',
    DefaultAttributeList: 'DefaultNotify?{1.3}, PresenceSubList*',
    Presence: `
      (UserID | ContactList){-1.2}, ((UserID, UserNotify?) | (ContactList, ContactListNotify?)){1.3},
      PresenceSubList*
    `,
    ReactiveAuthStatus: 'UserID, ReactiveAuthState, PresenceSubList?',
    ReactiveAuthStatusList: 'ReactiveAuthStatus*',
    Watcher: 'User{1.2}, UserID{1.3}, FriendlyName?{1.3}, WatcherStatus?',
  },
  leaves: {
    boolean: 'Acceptance, AutoSubscribe, ContactListNotify, DefaultList, DefaultNotify, UserNotify',
    integer: 'HistoryPeriod, MaxWatcherList, WatcherCount',
  },
  enums: {
    ReactiveAuthState: 'GRANTED | DENIED | PENDING',
    WatcherStatus: 'CURRENT_SUBSCRIBER | FORMER_SUBSCRIBER | PRESENCE_ACCESS',
  },
  aliases: {
    'Auto-Subscribe': 'AutoSubscribe',
  },
};
