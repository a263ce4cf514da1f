// The element names of CSP 1.1, 1.2 and 1.3 by code page and token, and those of 1.0, which numbered differently.
// A row is `token name`, followed by the versions that define it unless all three do: `1.2+`, `1.1-1.2`, `1.2`.
// `read` marks a token that some clients send though no version defines it: never written. A token that its version
// withdrew is still read, by the tables of the neighbouring versions: see tables.ts.

/** One WBXML code page of tags. */
export type TagPage = { readonly page: number; readonly title: string; readonly rows: string };

/** CSP 1.1 to 1.3: each version adds to the one before and withdraws a few names. */
export const tagPages: readonly TagPage[] = [
  {
    page: 0,
    title: 'Common',
    rows: `
      05 Acceptance, 06 AddList, 07 AddNickList, 08 SName, 09 WV-CSP-Message, 0A ClientID, 0B Code, 0C ContactList,
      0D ContentData, 0E ContentEncoding, 0F ContentSize, 10 ContentType, 11 DateTime, 12 Description,
      13 DetailedResult, 14 EntityList, 15 Group, 16 GroupID, 17 GroupList, 18 InUse 1.1-1.2, 19 Logo,
      1A MessageCount, 1B MessageID, 1C MessageURI, 1D MSISDN, 1E Name, 1F NickList, 20 NickName, 21 Poll,
      22 Presence, 23 PresenceSubList, 24 PresenceValue, 25 Property, 26 Qualifier, 27 Recipient, 28 RemoveList,
      29 RemoveNickList, 2A Result, 2B ScreenName, 2C Sender, 2D Session, 2E SessionDescriptor, 2F SessionID,
      30 SessionType, 31 Status, 32 Transaction, 33 TransactionContent, 34 TransactionDescriptor, 35 TransactionID,
      36 TransactionMode, 37 URL, 38 URLList, 39 User, 3A UserID, 3B UserList, 3C Validity, 3D Value
    `,
  },
  {
    page: 1,
    title: 'Access',
    rows: `
      05 AllFunctions, 06 AllFunctionsRequest, 07 CancelInvite-Request, 08 CancelInviteUser-Request,
      09 Capability 1.1-1.2, 0A CapabilityList, 0B CapabilityRequest, 0C ClientCapability-Request,
      0D ClientCapability-Response, 0E DigestBytes, 0F DigestSchema, 10 Disconnect, 11 Functions,
      12 GetSPInfo-Request, 13 GetSPInfo-Response, 14 InviteID, 15 InviteNote, 16 Invite-Request,
      17 Invite-Response, 18 InviteType, 19 InviteUser-Request, 1A InviteUser-Response, 1B KeepAlive-Request,
      1C KeepAliveTime, 1D Login-Request, 1E Login-Response, 1F Logout-Request, 20 Nonce, 21 Password,
      22 Polling-Request, 23 ResponseNote, 24 SearchElement, 25 SearchFindings, 26 SearchID, 27 SearchIndex,
      28 SearchLimit, 29 KeepAlive-Response, 2A SearchPairList, 2B Search-Request, 2C Search-Response,
      2D SearchResult, 2E Service-Request, 2F Service-Response, 30 SessionCookie, 31 StopSearch-Request,
      32 TimeToLive, 33 SearchString, 34 CompletionFlag, 36 ReceiveList 1.2+, 37 VerifyID-Request 1.2+,
      38 Extended-Request 1.2+, 39 Extended-Response 1.2+, 3A AgreedCapabilityList 1.2+, 3B ExtendedData 1.2+,
      3C OtherServer 1.2+, 3D PresenceAttributeNSName 1.2+, 3E SessionNSName 1.2+, 3F TransactionNSName 1.2+
    `,
  },
  {
    page: 2,
    title: 'Service',
    rows: `
      05 ADDGM, 06 AttListFunc 1.1-1.2, 07 BLENT, 08 CAAUT 1.1-1.2, 09 CAINV, 0A CALI 1.1-1.2, 0B CCLI,
      0C ContListFunc, 0D CREAG, 0E DALI 1.1-1.2, 0F DCLI, 10 DELGR, 11 FundamentalFeat, 12 FWMSG, 13 GALS 1.1-1.2,
      14 GCLI, 15 GETGM, 16 GETGP, 17 GETLM, 18 GETM, 19 GETPR, 1A GETSPI, 1B GETWL, 1C GLBLU, 1D GRCHN,
      1E GroupAuthFunc, 1F GroupFeat, 20 GroupMgmtFunc, 21 GroupUseFunc, 22 IMAuthFunc, 23 IMFeat, 24 IMReceiveFunc,
      25 IMSendFunc, 26 INVIT, 27 InviteFunc, 28 MBRAC, 29 MCLS, 2A MDELIV, 2B NEWM, 2C NOTIF, 2D PresenceAuthFunc,
      2E PresenceDeliverFunc, 2F PresenceFeat, 30 REACT 1.1-1.2, 31 REJCM, 32 REJEC, 33 RMVGM, 34 SearchFunc,
      35 ServiceFunc, 36 SETD, 37 SETGP, 38 SRCH, 39 STSRC, 3A SUBGCN, 3B UPDPR, 3C WVCSPFeat, 3D MF 1.2+,
      3E MG 1.2+, 3F MM 1.2+
    `,
  },
  {
    page: 3,
    title: 'Client capability',
    rows: `
      05 AcceptedCharset 1.1-1.2, 06 AcceptedContentLength 1.1-1.2, 07 AcceptedContentType,
      08 AcceptedTransferEncoding, 09 AnyContent, 0A DefaultLanguage, 0B InitialDeliveryMethod, 0C MultiTrans,
      0D ParserSize, 0E ServerPollMin, 0F SupportedBearer, 10 SupportedCIRMethod, 11 TCPAddress, 12 TCPPort,
      13 UDPPort, 14 CIRHTTPAddress 1.3+, 14 CIRURL 1.2, 15 UDPAddress 1.3+, 16 AcceptedPullLength 1.3+,
      17 AcceptedPushLength 1.3+, 18 AcceptedRichContentLength 1.3+, 19 AcceptedTextContentLength 1.3+,
      1A OfflineETEMHandling 1.3+, 1B PlainTextCharset 1.3+, 1C SessionPriority 1.3+,
      1D SupportedOfflineBearer 1.3+, 1F UserSessionLimit 1.3+, 20 CIRSMSAddress 1.3+, 21 MultiTransPerMessage 1.3+,
      22 OnlineETEMHandling 1.3+, 23 ContentPolicy 1.3+, 24 ContentPolicyLimit 1.3+
    `,
  },
  {
    page: 4,
    title: 'Presence primitive',
    rows: `
      05 CancelAuth-Request 1.1-1.2, 06 ContactListProperties, 07 CreateAttributeList-Request,
      08 CreateList-Request, 09 DefaultAttributeList, 0A DefaultContactList, 0B DefaultList,
      0C DeleteAttributeList-Request, 0D DeleteList-Request, 0E GetAttributeList-Request,
      0F GetAttributeList-Response, 10 GetList-Request, 11 GetList-Response, 12 GetPresence-Request,
      13 GetPresence-Response, 14 GetWatcherList-Request, 15 GetWatcherList-Response, 16 ListManage-Request,
      17 ListManage-Response, 18 UnsubscribePresence-Request, 19 PresenceAuth-Request 1.1-1.2,
      1A PresenceAuth-User 1.1-1.2, 1B PresenceNotification-Request, 1C UpdatePresence-Request,
      1D SubscribePresence-Request, 1E AutoSubscribe 1.2, 1F GetReactiveAuthStatus-Request 1.2,
      20 GetReactiveAuthStatus-Response 1.2, 21 CreateList-Response 1.3+
    `,
  },
  {
    page: 5,
    title: 'Presence attribute',
    rows: `
      05 Accuracy, 06 Address, 07 AddrPref, 08 Alias, 09 Altitude, 0A Building, 0B Caddr, 0C City, 0D ClientInfo,
      0E ClientProducer, 0F ClientType, 10 ClientVersion, 11 CommC, 12 CommCap, 13 ContactInfo, 14 ContainedvCard,
      15 Country, 16 Crossing1, 17 Crossing2, 18 DevManufacturer, 19 DirectContent, 1A FreeTextLocation,
      1B GeoLocation, 1C Language, 1D Latitude, 1E Longitude, 1F Model, 20 NamedArea, 21 OnlineStatus, 22 PLMN,
      23 PrefC, 24 PreferredContacts, 25 PreferredLanguage, 26 ReferredContent, 27 ReferredvCard, 28 Registration,
      29 StatusContent, 2A StatusMood, 2B StatusText, 2C Street, 2D TimeZone, 2E UserAvailability, 2F Cap, 30 Cname,
      31 Contact, 32 Cpriority, 33 Cstatus, 34 Note, 35 Zone, 36 ContentType read, 37 Inf_link 1.2+,
      38 InfoLink 1.2+, 39 Link 1.2+, 3A Text 1.2+, 3B ClientContentLimit 1.3+, 3C ClientIMPriority 1.3+,
      3D MaxPullLength 1.3+, 3E MaxPushLength 1.3+
    `,
  },
  {
    page: 6,
    title: 'Messaging',
    rows: `
      05 BlockList, 06 BlockEntity-Request, 07 DeliveryMethod, 08 DeliveryReport, 09 DeliveryReport-Request,
      0A ForwardMessage-Request, 0B GetBlockedList-Request, 0C GetBlockedList-Response, 0D GetMessageList-Request,
      0E GetMessageList-Response, 0F GetMessage-Request, 10 GetMessage-Response, 11 GrantList, 12 MessageDelivered,
      13 MessageInfo, 14 MessageNotification, 15 NewMessage, 16 RejectMessage-Request, 17 SendMessage-Request,
      18 SendMessage-Response, 19 SetDeliveryMethod-Request, 1A DeliveryTime, 20 MessageInfoList 1.3+,
      21 ForwardMessage-Response 1.3+
    `,
  },
  {
    page: 7,
    title: 'Group',
    rows: `
      05 AddGroupMembers-Request, 06 Admin, 07 CreateGroup-Request, 08 DeleteGroup-Request,
      09 GetGroupMembers-Request, 0A GetGroupMembers-Response, 0B GetGroupProps-Request, 0C GetGroupProps-Response,
      0D GroupChangeNotice, 0E GroupProperties, 0F Joined, 10 JoinedRequest, 11 JoinGroup-Request,
      12 JoinGroup-Response, 13 LeaveGroup-Request, 14 LeaveGroup-Response, 15 Left, 16 MemberAccess-Request,
      17 Mod, 18 OwnProperties, 19 RejectList-Request, 1A RejectList-Response, 1B RemoveGroupMembers-Request,
      1C SetGroupProps-Request, 1D SubscribeGroupNotice-Request, 1E SubscribeGroupNotice-Response, 1F Users 1.1-1.2,
      20 WelcomeNote, 21 JoinGroup, 22 SubscribeNotification, 23 SubscribeType, 24 GetJoinedUsers-Request 1.2+,
      25 GetJoinedUsers-Response 1.2+, 26 AdminMapList 1.2+, 27 AdminMapping 1.2+, 28 Mapping 1.2+,
      29 ModMapping 1.2+, 2A UserMapList 1.2+, 2B UserMapping 1.2+, 2C JoinedBlocked 1.3+, 2D LeftBlocked 1.3+
    `,
  },
  {
    page: 8,
    title: 'Service (continued)',
    rows: `
      05 MP 1.2+, 06 GETAUT 1.2+, 07 GETJU 1.2+, 08 VRID 1.2+, 09 VerifyIDFunc 1.2+, 0A GETMAP 1.3+, 0B SGMNT 1.3+,
      0C EXCON 1.3+, 0D OFFNOTIF 1.3+, 0E ADVSR 1.3+
    `,
  },
  {
    page: 9,
    title: 'Common (continued)',
    rows: `
      05 CIR 1.2+, 06 Domain 1.2+, 07 ExtBlock 1.2+, 08 HistoryPeriod 1.2+, 09 IDList 1.2+, 0A MaxWatcherList 1.2+,
      0B AnswerOptionText 1.3+, 0B ReactiveAuthState 1.2, 0C ReactiveAuthStatus 1.2, 0D ReactiveAuthStatusList 1.2,
      0E Watcher 1.2+, 0F WatcherStatus 1.2+, 10 Font 1.3+, 11 Size 1.3+, 12 Style 1.3+, 13 Color 1.3+,
      14 ContentName 1.3+, 15 Map 1.3+, 16 NotificationType 1.3+, 17 NotificationTypeList 1.3+,
      18 FriendlyName 1.3+, 19 ClearPublicProfile 1.3+, 1A PublicProfile 1.3+, 1B AnswerOption 1.3+,
      1C AnswerOptionID 1.3+, 1D AnswerOptions 1.3+, 1E ApplicationID 1.3+, 1F AuthorizeAndGrant 1.3+,
      20 ChosenOptionID 1.3+, 21 ContactListNotify 1.3+, 22 DefaultNotify 1.3+, 23 ExtendConversationUser 1.3+,
      24 InText 1.3+, 25 SegmentCount 1.3+, 26 SegmentID 1.3+, 27 SegmentInfo 1.3+, 28 SegmentReference 1.3+,
      29 SystemMessage 1.3+, 2A SystemMessageID 1.3+, 2B SystemMessageList 1.3+, 2C SystemMessageResponse 1.3+,
      2D SystemMessageResponseList 1.3+, 2F SystemMessageText 1.3+, 30 TryAgainTimeout 1.3+, 31 UserNotify 1.3+,
      32 VerificationKey 1.3+, 33 VerificationMechanism 1.3+, 34 GetMap-Request 1.3+, 35 GetMap-Response 1.3+,
      36 ExtendConversationID 1.3+, 37 WatcherCount 1.3+, 38 RequiresResponse 1.3+, 39 ExtBlockETEM 1.3+,
      3A GroupContentLimit 1.3+, 3B MessageTotalCount 1.3+, 3C UnrecognizedUserID 1.3+, 3D UserIDPair 1.3+,
      3E ValidUserID 1.3+, 3F UserIDList 1.3+
    `,
  },
  {
    page: 10,
    title: 'Access (continued)',
    rows: `
      05 WV-CSP-VersionDiscovery-Request 1.2+, 06 WV-CSP-VersionDiscovery-Response 1.2+, 07 VersionList 1.2+,
      08 SubscribeNotification-Request 1.3+, 09 UnsubscribeNotification-Request 1.3+, 0A Notification-Request 1.3+,
      0B AdvancedCriteria 1.3+, 0C PairID 1.3+, 0D GetPublicProfile-Request 1.3+, 0E GetPublicProfile-Response 1.3+,
      0F UpdatePublicProfile-Request 1.3+, 10 DropSegment-Request 1.3+, 11 ExtendConversation-Response 1.3+,
      12 ExtendConversation-Request 1.3+, 13 GetSegment-Request 1.3+, 14 GetSegment-Response 1.3+,
      15 SystemMessage-Request 1.3+, 16 SystemMessage-User 1.3+, 17 SearchPair 1.3+, 18 SegmentContent 1.3+
    `,
  },
  {
    page: 11,
    title: 'Common (continued, second)',
    rows: `
      05 GrantListInUse 1.3+, 06 BlockListInUse 1.3+, 07 ContactListIDList 1.3+, 08 AnswerOptionsText 1.3+
    `,
  },
];

/** CSP 1.0: another root token, and pages 0, 1, 3 and 4 laid out differently. Two names stand on two pages each. */
export const tagPages10: readonly TagPage[] = [
  {
    page: 0,
    title: 'Common',
    rows: `
      05 Acceptance, 06 AddList, 07 AddNickList, 08 Attribute, 09 AttributeList, 0A ClientID, 0B Code,
      0C ContactList, 0D ContentData, 0E ContentEncoding, 0F ContentSize, 10 ContentType, 11 DateTime,
      12 Description, 13 DetailedResult, 14 EntityList, 15 Group, 16 GroupID, 17 GroupList, 18 InUse, 19 Logo,
      1A MessageCount, 1B MessageID, 1C MessageURI, 1D MSISDN, 1E Name, 1F NickList, 20 NickName, 21 Poll,
      22 Presence, 23 PresenceSubList, 24 PresenceValue, 25 Property, 26 Qualifier, 27 Recipient, 28 RemoveList,
      29 RemoveNickList, 2A Result, 2B ScreenName, 2C Sender, 2D Session, 2E SessionDescriptor, 2F SessionID,
      30 SessionType, 31 Status, 32 Transaction, 33 TransactionContent, 34 TransactionDescriptor, 35 TransactionID,
      36 TransactionMode, 37 URL, 38 URLList, 39 User, 3A UserID, 3B UserList, 3C Validity, 3D Value,
      3E WV-CSP-Message
    `,
  },
  {
    page: 1,
    title: 'Access',
    rows: `
      05 AllFunctions, 06 AllFunctionsRequest, 07 CancelInvite-Request, 08 CancelInviteUser-Request, 09 Capability,
      0A CapabilityList, 0B CapabilityRequest, 0C ClientCapability-Request, 0D ClientCapability-Response,
      0E DigestBytes, 0F DigestSchema, 10 Disconnect, 11 Functions, 12 GetSPInfo-Request, 13 GetSPInfo-Response,
      14 InviteID, 15 InviteNote, 16 Invite-Request, 17 Invite-Response, 18 InviteType, 19 InviteUser-Request,
      1A InviteUser-Response, 1B KeepAlive-Request, 1C KeepAliveTime, 1D Login-Request, 1E Login-Response,
      1F Logout-Request, 20 Nonce, 21 Password, 22 Polling-Request, 23 ResponseNote, 24 SearchElement,
      25 SearchFindings, 26 SearchID, 27 SearchIndex, 28 SearchLimit, 29 SearchOnlineStatus, 2A SearchPairList,
      2B Search-Request, 2C Search-Response, 2D SearchResult, 2E Service-Request, 2F Service-Response,
      30 SessionCookie, 31 StopSearch-Request, 32 TimeToLive
    `,
  },
  {
    page: 2,
    title: 'Service',
    rows: `
      05 ADDGM, 06 AttListFunc, 07 BLENT, 08 CAAUT, 09 CAINV, 0A CALI, 0B CCLI, 0C ContListFunc, 0D CREAG, 0E DALI,
      0F DCLI, 10 DELGR, 11 FundamentalFeat, 12 FWMSG, 13 GALS, 14 GCLI, 15 GETGM, 16 GETGP, 17 GETLM, 18 GETM,
      19 GETPR, 1A GETSPI, 1B GETWL, 1C GLBLU, 1D GRCHN, 1E GroupAuthFunc, 1F GroupFeat, 20 GroupMgmtFunc,
      21 GroupUseFunc, 22 IMAuthFunc, 23 IMFeat, 24 IMReceiveFunc, 25 IMSendFunc, 26 INVIT, 27 InviteFunc, 28 MBRAC,
      29 MCLS, 2A MDELIV, 2B NEWM, 2C NOTIF, 2D PresenceAuthFunc, 2E PresenceDeliverFunc, 2F PresenceFeat, 30 REACT,
      31 REJCM, 32 REJEC, 33 RMVGM, 34 SearchFunc, 35 ServiceFunc, 36 SETD, 37 SETGP, 38 SRCH, 39 STSRC, 3A SUBGCN,
      3B UPDPR, 3C WVCSPFeat
    `,
  },
  {
    page: 3,
    title: 'Client capability',
    rows: `
      05 AcceptedCharset, 06 AcceptedContentLength, 07 AcceptedContentType, 08 AcceptedTransferEncoding,
      09 AnyContent, 0A ClientType, 0B InitialDeliveryMethod, 0C MultiTrans, 0D ParserSize, 0E ServerPollMin,
      0F SupportedBearer, 10 SupportedCIRMethod, 11 TCPAddress, 12 TCPPort, 13 UDPPort
    `,
  },
  {
    page: 4,
    title: 'Presence primitive',
    rows: `
      05 CancelAuth-Request, 06 ContactListProperties, 07 CreateAttributeList-Request, 08 CreateList-Request,
      09 DefaultAttributeList, 0A DefaultContactList, 0B DefaultList, 0C DeleteAttributeList-Request,
      0D DeleteList-Request, 0E GetAttributeList-Request, 0F GetAttributeList-Response, 10 GetList-Request,
      11 GetList-Response, 12 GetPresence-Request, 13 GetPresence-Response, 14 GetWatcherList-Request,
      15 GetWatcherList-Response, 16 ListManage-Request, 17 ListManage-Response, 18 Presence,
      19 PresenceAuth-Request, 1A PresenceAuth-Response, 1B PresenceNotification-Request, 1C PresenceValueList,
      1D SubscribePresence-Request, 1E UnsubscribePresence-Request, 1F UpdatePresence-Request
    `,
  },
  {
    page: 5,
    title: 'Presence attribute',
    rows: `
      05 Accuracy, 06 Address, 07 AddrPref, 08 Alias, 09 Altitude, 0A Building, 0B CAddr, 0C City, 0D ClientInfo,
      0E ClientProducer, 0F ClientType, 10 ClientVersion, 11 CommC, 12 CommCap, 13 ContactInfo, 14 ContainedvCard,
      15 Country, 16 Crossing1, 17 Crossing2, 18 DevManufacturer, 19 DirectContent, 1A FreeTextLocation,
      1B GeoLocation, 1C Language, 1D Latitude, 1E Longitude, 1F Model, 20 NamedArea, 21 OnlineStatus, 22 PLMN,
      23 PrefC, 24 PreferredContacts, 25 PreferredLanguage, 26 ReferredContent, 27 ReferredvCard, 28 Registration,
      29 StatusContent, 2A StatusMood, 2B StatusText, 2C Street, 2D TimeZone, 2E UserAvailability
    `,
  },
  {
    page: 6,
    title: 'Messaging',
    rows: `
      05 BlockList, 06 BlockUser-Request, 07 DeliveryMethod, 08 DeliveryReport, 09 DeliveryReport-Request,
      0A ForwardMessage-Request, 0B GetBlockedList-Request, 0C GetBlockedList-Response, 0D GetMessageList-Request,
      0E GetMessageList-Response, 0F GetMessage-Request, 10 GetMessage-Response, 11 GrantList, 12 MessageDelivered,
      13 MessageInfo, 14 MessageNotification, 15 NewMessage, 16 RejectMessage-Request, 17 SendMessage-Request,
      18 SendMessage-Response, 19 SetDeliveryMethod-Request
    `,
  },
  {
    page: 7,
    title: 'Group',
    rows: `
      05 AddGroupMembers-Request, 06 Admin, 07 CreateGroup-Request, 08 DeleteGroup-Request,
      09 GetGroupMembers-Request, 0A GetGroupMembers-Response, 0B GetGroupProps-Request, 0C GetGroupProps-Response,
      0D GroupChangeNotice, 0E GroupProperties, 0F Joined, 10 JoinedRequest, 11 JoinGroup-Request,
      12 JoinGroup-Response, 13 LeaveGroup-Request, 14 LeaveGroup-Response, 15 Left, 16 MemberAccess-Request,
      17 Mod, 18 OwnProperties, 19 RejectList-Request, 1A RejectList-Response, 1B RemoveGroupMembers-Request,
      1C SetGroupProps-Request, 1D SubscribeGroupNotice-Request, 1E SubscribeGroupNotice-Response, 1F Users,
      20 WelcomeNote
    `,
  },
];
