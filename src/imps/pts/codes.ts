// The codes of the plain text syntax that are known from a real client: Android's IMPS plug-in (AOSP packages/apps/IM), which
// sends and reads these and no others. The OMA document with the whole table was not to be had; what is missing here is in
// ours.ts. Codes are case-insensitive; the same letters mean different things in different tables. (CSP reference §6.3)

/** Primitives. */
export const sourcedPrimitives: ReadonlyMap<string, string> = new Map([
  ['LR', 'Login-Request'],
  ['RL', 'Login-Response'],
  ['CP', 'ClientCapability-Request'],
  ['PC', 'ClientCapability-Response'],
  ['SQ', 'Service-Request'],
  ['QS', 'Service-Response'],
  ['OR', 'Logout-Request'],
  ['DI', 'Disconnect'],
  ['KA', 'KeepAlive-Request'],
  ['AK', 'KeepAlive-Response'],
  ['PO', 'Polling-Request'],
  ['ST', 'Status'],
  ['GL', 'GetList-Request'],
  ['LG', 'GetList-Response'],
  ['CL', 'CreateList-Request'],
  ['DL', 'DeleteList-Request'],
  ['LM', 'ListManage-Request'],
  ['ML', 'ListManage-Response'],
  ['GP', 'GetPresence-Request'],
  ['PG', 'GetPresence-Response'],
  ['SB', 'SubscribePresence-Request'],
  ['PN', 'PresenceNotification-Request'],
  ['UP', 'UpdatePresence-Request'],
  ['GB', 'GetBlockedList-Request'],
  ['CA', 'CreateAttributeList-Request'],
]);

/** Parameters: the elements a code may stand for; which it is, the primitive's content model says. */
export const sourcedParameters: ReadonlyMap<string, readonly string[]> = new Map([
  ['SI', ['SessionID']],
  ['UI', ['UserID', 'User', 'UserIDList']],
  ['CI', ['ClientID']],
  ['PW', ['Password']],
  ['SH', ['DigestSchema']],
  ['DI', ['DigestSchema']],
  ['DB', ['DigestBytes']],
  ['NO', ['Nonce']],
  ['SC', ['SessionCookie']],
  ['TL', ['TimeToLive']],
  ['KA', ['KeepAliveTime']],
  ['CR', ['CapabilityRequest']],
  ['CA', ['CapabilityList']],
  ['AP', ['AgreedCapabilityList']],
  ['RF', ['Functions']],
  ['NF', ['Functions']],
  ['AR', ['AllFunctionsRequest']],
  ['AF', ['AllFunctions']],
  ['ST', ['Result']],
  ['CL', ['ContactList', 'ContactListIDList']],
  ['DC', ['DefaultContactList']],
  ['UN', ['NickList']],
  ['AN', ['AddNickList']],
  ['RN', ['RemoveNickList']],
  ['CP', ['ContactListProperties']],
  ['RL', ['ReceiveList']],
  ['PS', ['PresenceSubList']],
  ['UV', ['PresenceSubList']],
  ['DL', ['DefaultList']],
  ['AS', ['AutoSubscribe']],
  ['PR', ['Presence']],
]);

export const capabilities: ReadonlyMap<string, string> = new Map([
  ['CT', 'ClientType'],
  ['CI', 'CIRHTTPAddress'],
  ['DL', 'DefaultLanguage'],
  ['ID', 'InitialDeliveryMethod'],
  ['MT', 'MultiTrans'],
  ['PS', 'ParserSize'],
  ['PM', 'ServerPollMin'],
  ['SB', 'SupportedBearer'],
  ['SC', 'SupportedCIRMethod'],
  ['TA', 'TCPAddress'],
  ['TP', 'TCPPort'],
  ['UP', 'UDPPort'],
]);

const clientTypes = [
  ['MP', 'MOBILE_PHONE'],
  ['CO', 'COMPUTER'],
  ['PD', 'PDA'],
  ['CL', 'CLI'],
  ['OT', 'OTHER'],
] as const;

/** Values with a code, by the element that holds them. */
export const valueCodes: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  SupportedCIRMethod: new Map([
    ['SS', 'SSMS'],
    ['ST', 'STCP'],
    ['SU', 'SUDP'],
    ['WS', 'WAPSMS'],
    ['WU', 'WAPUDP'],
  ]),
  ClientType: new Map(clientTypes),
  UserAvailability: new Map([
    ['AV', 'AVAILABLE'],
    ['DI', 'DISCREET'],
    ['NA', 'NOT_AVAILABLE'],
  ]),
};

/** Branches of the feature tree. */
export const features: ReadonlyMap<string, string> = new Map([
  ['WV', 'WVCSPFeat'],
  ['FF', 'FundamentalFeat'],
  ['PF', 'PresenceFeat'],
  ['IF', 'IMFeat'],
  ['GE', 'GroupFeat'],
]);

export const listProperties: ReadonlyMap<string, string> = new Map([
  ['DN', 'DisplayName'],
  ['DE', 'Default'],
]);

/** Presence attributes and their parts. */
export const sourcedAttributes: ReadonlyMap<string, string> = new Map([
  ['OS', 'OnlineStatus'],
  ['CF', 'ClientInfo'],
  ['UA', 'UserAvailability'],
  ['ST', 'StatusText'],
  ['SC', 'StatusContent'],
  ['CT', 'ClientType'],
  ['CP', 'ClientProducer'],
  ['CV', 'ClientVersion'],
  ['RC', 'ReferredContent'],
  ['CY', 'ContentType'],
]);
