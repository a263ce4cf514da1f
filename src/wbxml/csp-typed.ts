// Which CSP elements hold what, and the form each takes on the wire. Reading is lenient: any element may hold any item.
// Writing keeps to the form that every known client reads (AOSP's, Nokia's, libwbxml).

/** How an OPAQUE item in the element is read, and how its text is written. */
export type ContentKind = 'text' | 'integer' | 'decimal' | 'date';

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

/** Unsigned 32-bit numbers, written as OPAQUE. */
export const integerElements = words(`
  AcceptedPullLength AcceptedPushLength AcceptedRichContentLength AcceptedTextContentLength AnswerOptionID
  ChosenOptionID Code ContentPolicyLimit ContentSize GroupContentLimit HistoryPeriod KeepAliveTime MaxWatcherList
  MessageCount MessageTotalCount MultiTrans MultiTransPerMessage PairID ParserSize SearchFindings SearchIndex
  SearchLimit SegmentCount SegmentReference ServerPollMin SessionPriority TCPPort TimeToLive TryAgainTimeout UDPPort
  UserSessionLimit Validity WatcherCount
`);

/** Numbers that some clients send as OPAQUE, but written as decimal text. COMPAT AOSP drops an OPAQUE here; the last
 *  three are presence attributes, text to most clients. Test: vectors/forms.txt, "decimal". */
export const decimalElements = words(`
  AcceptedCharset AcceptedContentLength ClientIMPriority MaxPullLength MaxPushLength PlainTextCharset SearchID
  Accuracy Altitude Cpriority
`);

/** A number in CSP 1.0 only, text since. */
export const decimalElements10 = ['TCPAddress'];

/** Read from OPAQUE or text, written as text. COMPAT AOSP and Nokia S60 ignore a date that comes as OPAQUE.
 *  Test: vectors/messages.txt, E6. */
export const dateElements = ['DateTime', 'DeliveryTime'];

/** T or F, written as EXT_T_0. COMPAT Nokia S60 does not read them as text. Test: vectors/messages.txt, E2. */
export const booleanElements = words(`
  Acceptance AllFunctionsRequest AnyContent AuthorizeAndGrant AutoSubscribe BlockListInUse CIR CapabilityRequest
  ClearPublicProfile CompletionFlag ContactListNotify DefaultList DefaultNotify DeliveryReport GrantListInUse InUse
  JoinGroup JoinedRequest Poll Qualifier ReceiveList RequiresResponse SubscribeNotification UserNotify
`);

/** One of a closed list, written as EXT_T_0. COMPAT Nokia S60 refuses a message with one of the first row as text.
 *  The last row came with 1.3. Test: vectors/messages.txt, E5, and forms.txt, "text-or-token". */
export const enumeratedElements = words(`
  SessionType TransactionMode InitialDeliveryMethod DeliveryMethod ClientType InviteType SupportedBearer
  SupportedCIRMethod Cap SubscribeType SearchElement ContentEncoding AcceptedTransferEncoding
  NotificationType Color Size Style OnlineETEMHandling OfflineETEMHandling
`);

/** Text in which just these values are written as EXT_T_0. COMPAT Nokia S60 reads any other token here as ''.
 *  Test: vectors/forms.txt, "text-or-token". */
export const tokensInText: Readonly<Record<string, readonly string[]>> = {
  ContentType: words('text/plain application/vnd.wap.mms-message application/x-sms'),
  AcceptedContentType: words('text/plain application/vnd.wap.mms-message application/x-sms'),
  Name: words(`
    Name Type AccessType Topic PrivateMessaging Searchable ActiveUsers MaxActiveUsers AutoJoin PrivilegeLevel
    DisplayName Default AutoDelete Validity
  `),
  Value: words('T F Open Restricted Public Private Admin Mod'),
  PresenceValue: words('T F AVAILABLE NOT_AVAILABLE DISCREET MOBILE_PHONE COMPUTER PDA CLI OTHER'),
};

/** Values written as text in spite of having a token. COMPAT AOSP's tables lack these and it drops the whole message.
 *  Test: vectors/forms.txt, "text-or-token". */
export const valuesWrittenAsText = new Set(words('AUDIO_CALL IM_OFFLINE IM_ONLINE VIDEO_CALL VIDEO_STREAM'));

/** EXT_T_0 numbers that mean something else inside one element. 1.3 uses 3D twice. */
export const valuesByElement: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  Name: new Map([[0x3d, 'History']]),
};
