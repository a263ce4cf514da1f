// The primitives of a session itself. (CSP all versions, "Fundamental primitives and transactions")

import { negotiate as negotiateFunctions } from '../../imps/features.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../imps/primitives.ts';
import { result } from '../../imps/transaction.ts';
import { type CspVersion, cspVersions, namespaces } from '../../imps/version.ts';
import { statusOf } from '../result.ts';
import type { GatewaySettings } from '../settings.ts';
import { bearerTerms, type SmsSender } from '../sms/reach.ts';
import { capabilityResponse, negotiate } from './capabilities.ts';
import { grantedTime } from './keep-alive.ts';
import type { Reached } from './reached.ts';
import type { Session } from './session.ts';
import { sharedCapabilities, sharedFeatures } from './state.ts';

/** What a handler may need of the request around it. */
export interface Around {
  readonly version: CspVersion;
  readonly remoteAddress: string;
  readonly reached: Reached;
  /** The phone's number, vouched for by a trusted proxy. */
  readonly msisdn: string | undefined;
  /** It came by short message. */
  readonly sms: SmsSender | undefined;
}

type Basic<Name extends PrimitiveName> = (
  request: PrimitiveOf<Name>,
  session: Session,
  around: Around,
) => Primitive | Promise<Primitive>;

export const basics: { readonly [Name in PrimitiveName]?: Basic<Name> } = {
  'KeepAlive-Request'({ TimeToLive: wished }, session, { sms }) {
    const before = session.state.keepAliveS;
    // Without a wish the time stays what it was: S60 sends none.
    const granted =
      wished === undefined ? before : grantedTime(wished, bearerTerms(session.host.settings, sms).keepAlive);
    session.state.keepAliveS = granted;
    session.changed();
    const asked = wished ?? before;
    return {
      name: 'KeepAlive-Response',
      Result: result(200),
      ...(granted === asked ? {} : { KeepAliveTime: granted }),
    };
  },

  async 'ClientCapability-Request'({ ClientID: clientId, CapabilityList: asked = {} }, session, around) {
    const { state, host, personality } = session;
    const servable = await host.servable(session, asked, around);
    const negotiated = negotiate(asked, { settings: host.settings, personality, servable, ...around });
    state.capabilities = sharedCapabilities(negotiated.capabilities);
    state.udp = negotiated.udp;
    host.agreed(session);
    await session.save();
    await session.tellServices('onNegotiated');
    return capabilityResponse(around.version, clientId ?? state.clientId, negotiated);
  },

  async 'Service-Request'(request, session, { version }) {
    const { host, state } = session;
    const { granted, response } = negotiateFunctions(request, host.leaves, version);
    state.features = sharedFeatures([...granted]);
    await session.save();
    await session.tellServices('onNegotiated');
    // Only 1.1 has the ClientID here, and has it always.
    const { ClientID: clientId = state.clientId, ...rest } = response;
    return version === '1.1' ? { ...rest, ClientID: clientId } : rest;
  },

  'WV-CSP-VersionDiscovery-Request': () => versionsSpoken,

  'GetSPInfo-Request': (request, session) => providerInfo(request, session.host.settings),

  'Logout-Request'(_request, session, { version }) {
    session.end({ how: 'logged-out' });
    return loggedOut(version);
  },
};

/** CSP all versions, "GetSPInfo": also without a session. */
export const providerInfo = (
  { ClientID: clientId }: PrimitiveOf<'GetSPInfo-Request'>,
  { provider }: GatewaySettings,
): PrimitiveOf<'GetSPInfo-Response'> => ({
  name: 'GetSPInfo-Response',
  ...(clientId && { ClientID: clientId }),
  Name: provider.name,
  ...(provider.description !== undefined && { Description: provider.description }),
  ...(provider.url !== undefined && { URL: provider.url }),
});

/**
 * CSP 1.2, 1.3, "Version discovery": every version we speak, the latest first, by its three namespaces. Also without a
 * session. No source has the exact nesting; this is Baraza's.
 */
export const versionsSpoken: PrimitiveOf<'WV-CSP-VersionDiscovery-Response'> = {
  name: 'WV-CSP-VersionDiscovery-Response',
  VersionList: {
    SessionNSName: cspVersions.map((version) => namespaces[version].csp).reverse(),
    TransactionNSName: cspVersions.map((version) => namespaces[version].trc).reverse(),
    PresenceAttributeNSName: cspVersions.map((version) => namespaces[version].pa).reverse(),
  },
};

/** S60 takes Disconnect in 1.1 and Status from 1.2 on. */
export const loggedOut = (version: CspVersion): Primitive =>
  version === '1.1' ? { name: 'Disconnect', Result: result(200) } : statusOf(200);
