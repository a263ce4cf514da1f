// KeepAliveTime: what is granted of the TimeToLive a phone asks for. (CSP all versions, "KeepAlive")

import type { GatewaySettings } from '../settings.ts';

/** Seconds. Without a wish: the longest. */
export const grantedTime = (wished: number | undefined, { minS, maxS }: GatewaySettings['keepAlive']): number =>
  Math.max(minS, Math.min(maxS, wished ?? maxS));
