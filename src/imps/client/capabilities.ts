// What a phone says of itself in ClientCapability-Request.

import type { PrimitiveOf, StructureOf } from '../primitives.ts';
import type { Personality } from './personality.ts';
import type { CirMethod } from './wake-up.ts';

export const capabilityRequest = (
  { parserSize, contentLength = parserSize, multiTrans, version }: Personality,
  clientId: StructureOf<'ClientID'>,
  cir: { readonly methods: readonly CirMethod[]; readonly udpPort: number | undefined },
  pollSeconds: number,
): PrimitiveOf<'ClientCapability-Request'> => ({
  name: 'ClientCapability-Request',
  ClientID: clientId,
  CapabilityList: {
    ClientType: 'MOBILE_PHONE',
    InitialDeliveryMethod: 'P',
    ...(version === '1.3'
      ? {
          AcceptedContentType: [{ ContentType: 'text/plain' }],
          AcceptedPushLength: contentLength,
          AcceptedPullLength: contentLength,
          MultiTransPerMessage: multiTrans,
        }
      : { AnyContent: true, AcceptedCharset: [106], AcceptedContentLength: contentLength }),
    AcceptedTransferEncoding: ['BASE64'],
    SupportedBearer: ['HTTP'],
    MultiTrans: multiTrans,
    ParserSize: parserSize,
    // 1.1 knows neither.
    SupportedCIRMethod: cir.methods.filter((one) => version !== '1.1' || (one !== 'SHTTP' && one !== 'SSMS')),
    ServerPollMin: pollSeconds,
    UDPPort: cir.udpPort,
  },
});
