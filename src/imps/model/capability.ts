// CSP client capabilities: what ClientCapability-Request offers and its answer agrees to.

import type { Family } from './family.ts';

export const capability: Family = {
  content: {
    AcceptedContentType: `
      ContentType, AcceptedRichContentLength?{1.3}, ContentPolicy?{1.3}, ContentPolicyLimit?{1.3}
    `,
    AgreedCapabilityList: `
      (SupportedBearer*, SupportedCIRMethod*, TCPAddress?, TCPPort?, ServerPollMin?, CIRURL?){1.2},
      (AcceptedContentType*, AnyContent?, AcceptedPullLength?, AcceptedPushLength?,
      AcceptedTextContentLength?, AcceptedTransferEncoding*, CIRHTTPAddress?, CIRSMSAddress?, MultiTrans?,
      MultiTransPerMessage?, OfflineETEMHandling?, OnlineETEMHandling?, ServerPollMin?, SupportedBearer*,
      SupportedOfflineBearer*, SupportedCIRMethod*, (TCPAddress, TCPPort)?, (UDPAddress, UDPPort)?,
      SessionPriority?, UserSessionLimit?){1.3}
    `,
    CapabilityList: `
      (ClientType!, InitialDeliveryMethod!, ((AnyContent!, AcceptedCharset*) / AcceptedContentType*),
      AcceptedTransferEncoding*, AcceptedContentLength!, SupportedBearer*, MultiTrans!, ParserSize!,
      SupportedCIRMethod*, UDPPort?, TCPAddress?{1.1}, TCPPort?{1.1}, ServerPollMin?, DefaultLanguage?){-1.2},
      (AcceptedContentType*, AnyContent?, AcceptedPullLength?, AcceptedPushLength?,
      AcceptedTextContentLength?, AcceptedTransferEncoding*, ClientType?, DefaultLanguage?,
      InitialDeliveryMethod?, MultiTrans?, MultiTransPerMessage?, OfflineETEMHandling?, OnlineETEMHandling?,
      PlainTextCharset*, ParserSize?, ServerPollMin?, SupportedBearer*, SupportedOfflineBearer*,
      SupportedCIRMethod*, UDPPort?, SessionPriority?){1.3}
    `,
    CIRHTTPAddress: 'URL',
    CIRURL: 'URL',
    ClientContentLimit: `
      AcceptedContentType*, AnyContent?, AcceptedTextContentLength?, AcceptedTransferEncoding*,
      MaxPullLength?, MaxPushLength?, PlainTextCharset*
    `,
  },
  leaves: {
    boolean: 'AnyContent',
    id: 'CIRSMSAddress, DefaultLanguage, TCPAddress, UDPAddress',
    integer: `
      AcceptedCharset, AcceptedContentLength, AcceptedPullLength, AcceptedPushLength,
      AcceptedRichContentLength, AcceptedTextContentLength, ContentPolicyLimit, MaxPullLength, MaxPushLength,
      MultiTrans, MultiTransPerMessage, ParserSize, PlainTextCharset, ServerPollMin, SessionPriority, TCPPort,
      UDPPort, UserSessionLimit
    `,
    text: 'ContentPolicy',
  },
  enums: {
    AcceptedTransferEncoding: 'BASE64 | ...',
    ClientType: 'MOBILE_PHONE | COMPUTER | PDA | CLI | OTHER',
    InitialDeliveryMethod: 'P | N',
    OfflineETEMHandling: 'PRIORITYREJECT | PRIORITYSTORE | REJECT | SENDREJECT | SENDSTORE',
    OnlineETEMHandling: 'DETECT | FORKALL | SERVERLOGIC',
    SupportedBearer: 'HTTP | WSP | SMS | HTTPS | ...',
    SupportedCIRMethod: 'WAPSMS | WAPUDP | SUDP | STCP | SSMS{1.2-} | SHTTP{1.2-}',
    SupportedOfflineBearer: 'SMS | ...',
  },
  aliases: {
    AcceptedCharSet: 'AcceptedCharset',
    PlainTextCharSet: 'PlainTextCharset',
  },
  plain: { AcceptedContentType: 'ContentType{-1.2}' },
};
