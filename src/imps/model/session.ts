// CSP session and fundamental primitives: sign-in, keep-alive, negotiation, provider information, version discovery.

import type { Family } from './family.ts';

export const session: Family = {
  primitives: `
    Login-Request                          client Request  Outband core   Login-Response
    Login-Response                         server Response Outband core
    Logout-Request                         client Request  Inband  core   Disconnect{1.1}, Status{1.2-}
    Disconnect                             server either   Inband  core   Status
    KeepAlive-Request                      client Request  Inband  core   KeepAlive-Response
    KeepAlive-Response                     server Response Inband  core
    Polling-Request                        client Request  Inband  core   nothing
    Status                                 both   Response either  core
    ClientCapability-Request               client Request  Inband  core   ClientCapability-Response
    ClientCapability-Response              server Response Inband  core
    Service-Request                        client Request  Inband  core   Service-Response
    Service-Response                       server Response Inband  core
    GetSPInfo-Request                      client Request  either  GETSPI GetSPInfo-Response
    GetSPInfo-Response                     server Response either  GETSPI
    WV-CSP-VersionDiscovery-Request{1.2-}  client Request  Outband core   WV-CSP-VersionDiscovery-Response
    WV-CSP-VersionDiscovery-Response{1.2-} server Response Outband core
    Extended-Request{1.2-}                 both   Request  Inband  core   Extended-Response
    Extended-Response{1.2-}                both   Response Inband  core
  `,
  content: {
    'Login-Request': `
      UserID, ClientID!, ApplicationID?{1.3}, Password?, DigestBytes?, DigestSchema?{1.1}, DigestSchema*{1.2-},
      SessionID?{1.3}, TimeToLive?, SessionCookie!, SystemMessageResponseList?{1.3}, Functions?{1.3},
      CapabilityList?{1.3}
    `,
    'Login-Response': `
      UserID?{1.3}, ClientID!, Password?{1.3}, Result, Nonce?, DigestSchema?, SessionID?, KeepAliveTime?,
      CapabilityRequest?, Functions?{1.3}, AgreedCapabilityList?{1.3}
    `,
    'Logout-Request': '',
    Disconnect: 'Result',
    'KeepAlive-Request': 'TimeToLive?',
    'KeepAlive-Response': 'Result, KeepAliveTime?',
    'Polling-Request': '',
    Status: 'Result, ClientID?',
    'ClientCapability-Request': 'ClientID!{1.1}, CapabilityList?{1.1}, CapabilityList!{1.2-}',
    'ClientCapability-Response': 'ClientID!{1.1}, CapabilityList{1.1}, AgreedCapabilityList{1.2-}',
    'Service-Request': 'ClientID!{1.1}, Functions?{1.1}, Functions!{1.2-}, AllFunctionsRequest!',
    'Service-Response': 'ClientID!{1.1}, Functions?, AllFunctions?',
    'GetSPInfo-Request': 'ClientID?',
    'GetSPInfo-Response': 'ClientID?, Name, Logo?, Description?, URL?',
    'WV-CSP-VersionDiscovery-Request': 'VersionList?, ExtendedData*',
    'WV-CSP-VersionDiscovery-Response': 'VersionList?, OtherServer*, ExtendedData*',
    'Extended-Request': 'any',
    'Extended-Response': 'any',
    AllFunctions: 'WVCSPFeat!',
    ExtendedData: 'any',
    Functions: 'WVCSPFeat!',
    Logo: 'ContentType, ContentSize?, ContentEncoding, ContentData',
    OtherServer: '(URL | MSISDN)',
    VersionList: 'SessionNSName*, TransactionNSName*, PresenceAttributeNSName*',
  },
  leaves: {
    boolean: 'AllFunctionsRequest, CapabilityRequest',
    id: 'DigestBytes, Nonce, PresenceAttributeNSName, SessionCookie, SessionNSName, TransactionNSName',
    integer: 'KeepAliveTime, TimeToLive',
    text: 'Password',
  },
  enums: {
    DigestSchema: 'PWD | SHA | MD4 | MD5 | MD6 | ...',
  },
  aliases: {
    'Extended-Data': 'ExtendedData',
    KeepAliveResponse: 'KeepAlive-Response',
    'WV-CSP-NSDiscovery-Request': 'WV-CSP-VersionDiscovery-Request',
    'WV-CSP-NSDiscovery-Response': 'WV-CSP-VersionDiscovery-Response',
  },
};
