// Whether a phone is still there. An answer that waits behind another on its connection (pipelining) is not told by Node when
// the connection ends, so the connection itself is asked: one listener on it, however many requests it carries.

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const listening = new WeakMap<Socket, Set<() => void>>();

/** Calls `ended` once: with true when the whole answer has left, with false when the connection ended before. */
export const whenOver = (response: ServerResponse, socket: Socket, ended: (isSent: boolean) => void): void => {
  if (socket.destroyed) return ended(response.writableFinished);
  const waiting = listening.get(socket) ?? listen(socket);
  const over = (): void => {
    waiting.delete(over);
    response.off('finish', over);
    ended(response.writableFinished);
  };
  waiting.add(over);
  response.once('finish', over);
};

const listen = (socket: Socket): Set<() => void> => {
  const waiting = new Set<() => void>();
  listening.set(socket, waiting);
  socket.once('close', () => {
    for (const over of [...waiting]) over();
  });
  return waiting;
};
