// What both halves do with a socket.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { Connection, type ConnectionListener } from '../stream/transport.ts';
import type { S2sLimits } from './s2s.ts';

// A broken route is noticed by the system as well, where acknowledgements are not agreed on.
const tcpKeepAliveMs = 60_000;

/** Sets a TCP socket up; returns the other side's address and port for logs. */
export const prepareSocket = (socket: Duplex): string => {
  const { remoteAddress, remotePort } = socket as Partial<Socket>;
  (socket as Partial<Socket>).setNoDelay?.(true);
  (socket as Partial<Socket>).setKeepAlive?.(true, tcpKeepAliveMs);
  return remoteAddress === undefined ? 'local' : `${remoteAddress}:${remotePort}`;
};

/** A connection as a stranger gets one. */
export const strangersConnection = (
  socket: Duplex,
  clock: Clock,
  limits: S2sLimits,
  listener: ConnectionListener,
): Connection => {
  const { xmlBeforeAuth: xml, closeMs, keepaliveMs, bytesPerSecondBeforeAuth: bytesPerSecond } = limits;
  const burstBytes = Math.min(limits.burstBytes, 65_536);
  const options = { clock, xml, closeMs, keepaliveMs, bytesPerSecond, burstBytes };
  const connection = new Connection(socket, options, listener);
  // The next stream may come in one packet with what ends this one.
  connection.isStepwise = true;
  return connection;
};

/** The other side is known: it may send faster, and more at a time. */
export const liftLimits = (connection: Connection, limits: S2sLimits): void => {
  const { bytesPerSecond, burstBytes, elementsPerSecond, burstElements } = limits;
  connection.isStepwise = false;
  connection.limitXml(limits.xml);
  connection.limitRate(bytesPerSecond, burstBytes);
  connection.limitElements(elementsPerSecond, burstElements);
};
