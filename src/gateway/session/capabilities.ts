// CSP all versions, "Client capability negotiation": what the phone can take, and which wake-up channels it gets. Only
// channels that are really up are agreed to: a phone that believes in one stops polling.

import type { PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import type { CspVersion } from '../../imps/version.ts';
import { agree, type Servable } from '../cir/agree.ts';
import { phonePort } from '../cir/udp.ts';
import type { Capabilities, Personality } from '../session-view.ts';
import type { GatewaySettings } from '../settings.ts';
import { bearerTerms, type SmsSender } from '../sms/reach.ts';
import { defaultCapabilities } from './state.ts';

type List = StructureOf<'CapabilityList'>;

export interface Offer {
  readonly settings: GatewaySettings;
  readonly version: CspVersion;
  readonly personality: Personality;
  /** Where the request came from. */
  readonly remoteAddress: string;
  /** The wake-up channels that could be served to this phone. */
  readonly servable: Servable;
  /** It came by short message. */
  readonly sms?: SmsSender | undefined;
}

export interface Negotiated {
  readonly capabilities: Capabilities;
  readonly udp: { readonly address: string; readonly port: number } | undefined;
  /** For 1.1: the phone's own list with corrected values. */
  readonly list: List;
  /** For 1.2 and 1.3. */
  readonly agreed: StructureOf<'AgreedCapabilityList'>;
}

const transactionsMax = 8;
const parserSizeMin = 1024;
const priorityMax = 127;
/** MIBenum of UTF-8, which every text of ours is in. */
const utf8 = 106;

export const negotiate = (asked: List, offer: Offer): Negotiated => {
  const { settings, version, personality } = offer;
  const cir = agree(asked.SupportedCIRMethod ?? [], version, offer.servable);
  const bearers = offer.sms ? ['SMS'] : (asked.SupportedBearer ?? []).filter((one) => /^(HTTPS?|WSP)$/i.test(one));
  const { serverPollMinS } = bearerTerms(settings, offer.sms);
  const serverPollMin = Math.min(3600, Math.max(asked.ServerPollMin ?? 0, serverPollMinS));
  const push = asked.AcceptedPushLength ?? asked.AcceptedContentLength ?? asked.AcceptedTextContentLength;
  const parserSize = Math.max(parserSizeMin, asked.ParserSize ?? defaultCapabilities.parserSize);
  // 1.3 says by an element of its own how many transactions one message may have; before, MultiTrans says it too.
  const together = version === '1.3' ? asked.MultiTransPerMessage : asked.MultiTrans;
  const types = asked.AcceptedContentType ?? [];
  const encodings = (asked.AcceptedTransferEncoding ?? []).filter((one) => one.toUpperCase() === 'BASE64').slice(0, 1);
  const capabilities: Capabilities = {
    deliveryMethod: personality.pushOnly ? 'P' : (asked.InitialDeliveryMethod ?? 'P'),
    anyContent: asked.AnyContent ?? types.length === 0,
    contentTypes: types.map(({ ContentType }) => ContentType.toLowerCase()),
    pushLength: push ?? defaultCapabilities.pushLength,
    pullLength: asked.AcceptedPullLength ?? push ?? defaultCapabilities.pullLength,
    textLength: version === '1.3' ? asked.AcceptedTextContentLength : undefined,
    richLengths: Object.fromEntries(
      types.flatMap(({ ContentType, AcceptedRichContentLength: length }) =>
        length === undefined ? [] : [[ContentType.toLowerCase(), length]],
      ),
    ),
    // Who names no encoding has not refused the only one there is.
    takesBase64: encodings.length > 0 || !asked.AcceptedTransferEncoding?.length,
    parserSize,
    transactionsPerMessage: atMost(transactionsMax, together),
    clientType: asked.ClientType ?? defaultCapabilities.clientType,
    language: asked.DefaultLanguage,
    cirMethods: cir.methods,
    serverPollMin,
    priority:
      asked.SessionPriority === undefined ? undefined : Math.max(0, Math.min(priorityMax, asked.SessionPriority)),
    online:
      asked.OnlineETEMHandling === undefined
        ? undefined
        : asked.OnlineETEMHandling === 'FORKALL'
          ? 'FORKALL'
          : 'SERVERLOGIC',
  };
  const common: StructureOf<'AgreedCapabilityList'> & List = {
    SupportedBearer: bearers.length ? bearers : ['HTTP'],
    SupportedCIRMethod: cir.methods,
    ServerPollMin: serverPollMin,
    ...cir.elements,
  };
  return {
    capabilities,
    udp: { address: offer.remoteAddress, port: phonePort(asked.UDPPort) ?? 0 },
    list: { ...listOf(asked, capabilities), AcceptedTransferEncoding: encodings, ...common },
    agreed: version === '1.3' ? { ...agreed13(asked, capabilities, settings), ...common } : common,
  };
};

/** 1.1: the phone's own list as far as it was agreed. */
const listOf = (asked: List, capabilities: Capabilities): List => ({
  ClientType: asked.ClientType ?? 'MOBILE_PHONE',
  InitialDeliveryMethod: capabilities.deliveryMethod,
  ...(capabilities.anyContent
    ? { AnyContent: true, ...(asked.AcceptedCharset?.length && { AcceptedCharset: [utf8] }) }
    : { AcceptedContentType: asked.AcceptedContentType?.map(({ ContentType }) => ({ ContentType })) }),
  AcceptedContentLength: capabilities.pushLength,
  MultiTrans: atMost(transactionsMax, asked.MultiTrans),
  ParserSize: capabilities.parserSize,
  ...(capabilities.cirMethods.includes('SUDP') && asked.UDPPort !== undefined && { UDPPort: asked.UDPPort }),
  ...(asked.DefaultLanguage !== undefined && { DefaultLanguage: asked.DefaultLanguage }),
});

/**
 * 1.3: of what the phone asked for, what it gets. Not agreed to, and so not there: ContentPolicy, whose values no source has;
 * DETECT, to which the server's own rule is the answer; bearers for phones that are offline, whose messages are kept.
 */
const agreed13 = (
  asked: List,
  capabilities: Capabilities,
  { limits }: GatewaySettings,
): StructureOf<'AgreedCapabilityList'> => {
  const types = asked.AcceptedContentType?.map(({ ContentType, AcceptedRichContentLength }) => ({
    ContentType,
    ...(AcceptedRichContentLength !== undefined && { AcceptedRichContentLength }),
  }));
  const wished: StructureOf<'AgreedCapabilityList'> = {
    AcceptedContentType: types?.length ? types : undefined,
    AnyContent: asked.AnyContent,
    AcceptedPullLength: asked.AcceptedPullLength && capabilities.pullLength,
    AcceptedPushLength: asked.AcceptedPushLength && capabilities.pushLength,
    AcceptedTextContentLength: asked.AcceptedTextContentLength,
    AcceptedTransferEncoding:
      capabilities.takesBase64 && asked.AcceptedTransferEncoding?.length ? ['BASE64'] : undefined,
    MultiTrans: asked.MultiTrans && atMost(transactionsMax, asked.MultiTrans),
    MultiTransPerMessage: asked.MultiTransPerMessage && capabilities.transactionsPerMessage,
    OfflineETEMHandling: asked.OfflineETEMHandling && 'SENDSTORE',
    OnlineETEMHandling: capabilities.online,
    SessionPriority: capabilities.priority,
    UserSessionLimit: limits.sessionsPerAccountMax,
  };
  return Object.fromEntries(Object.entries(wished).filter(([, value]) => value !== undefined));
};

const atMost = (most: number, wished: number | undefined): number => Math.max(1, Math.min(most, wished ?? 1));

export const capabilityResponse = (
  version: CspVersion,
  clientId: StructureOf<'ClientID'>,
  { list, agreed }: Negotiated,
): PrimitiveOf<'ClientCapability-Response'> =>
  version === '1.1'
    ? { name: 'ClientCapability-Response', ClientID: clientId, CapabilityList: list }
    : { name: 'ClientCapability-Response', AgreedCapabilityList: agreed };
