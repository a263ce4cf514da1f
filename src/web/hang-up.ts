// Whether a phone is still there. An answer that waits behind another on its connection (pipelining) is not told by Node when
// the connection ends, so the connection itself is asked: one listener on it, however many requests it carries.

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** No Set: what its old tables hold keeps what came after alive until the next full collection, a request's worth each time. */
const listening = new WeakMap<Socket, (() => void)[]>();

/** Calls `ended` once: with true when the whole answer has left, with false when the connection ended before. */
export const whenOver = (response: ServerResponse, socket: Socket, ended: (isSent: boolean) => void): void => {
  if (socket.destroyed) return ended(response.writableFinished);
  const waiting = listening.get(socket) ?? listen(socket);
  const over = (): void => {
    waiting.splice(waiting.indexOf(over), 1);
    response.off('finish', over);
    ended(response.writableFinished);
  };
  waiting.push(over);
  response.once('finish', over);
};

const listen = (socket: Socket): (() => void)[] => {
  const waiting: (() => void)[] = [];
  listening.set(socket, waiting);
  socket.once('close', () => {
    for (const over of [...waiting]) over();
  });
  return waiting;
};
