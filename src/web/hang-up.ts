// Whether a phone is still there. An answer that waits behind another on its connection (pipelining) is not told by Node when
// the connection ends, so the connection itself is asked: one listener on it, however many requests it carries.

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Line {
  /** Seldom more than one. */
  readonly waiting: (() => void)[];
  quiet?: () => void;
}
const lines = new WeakMap<Socket, Line>();

/** Calls `ended` once: with true when the whole answer has left, with false when the connection ended before. */
export const whenOver = (response: ServerResponse, socket: Socket, ended: (isSent: boolean) => void): void => {
  if (socket.destroyed) return ended(response.writableFinished);
  const line = lines.get(socket) ?? listen(socket);
  const { waiting } = line;
  const over = (): void => {
    waiting.splice(waiting.indexOf(over), 1);
    response.off('finish', over);
    ended(response.writableFinished);
    if (waiting.length === 0) line.quiet?.();
  };
  waiting.push(over);
  response.once('finish', over);
};

/** Calls `quiet` when no answer is awaited on the connection any more. */
export const whenQuiet = (socket: Socket, quiet: () => void): void => {
  const line = lines.get(socket);
  if (!line?.waiting.length) return quiet();
  line.quiet = quiet;
};

const listen = (socket: Socket): Line => {
  const line: Line = { waiting: [] };
  lines.set(socket, line);
  socket.once('close', () => {
    for (const over of [...line.waiting]) over();
  });
  return line;
};
