// How a command reaches the running server: HTTP with JSON over the Unix socket `control.sock` in the data directory, which
// only its owner can open.

import { request } from 'node:http';
import { join, relative } from 'node:path';
import type { Operations } from './operations.ts';

/** What the running server says of itself. */
export interface RunningServer {
  readonly pid: number;
  readonly domain: string;
}

/** The server is there but does not answer as it should; the message is one line for the operator. */
export class ControlError extends Error {
  override name = 'ControlError';
}

/** Unix socket paths have room for this many octets (104 on macOS, with a zero at the end). */
const socketPathMax = 103;
const answerMs = 30_000;
/** Room for what is known of many thousand contacts. */
const answerBytesMax = 33_554_432;

/** The socket of a data directory, by the shorter of its names. Throws ControlError when both are too long. */
export const controlSocket = (data: string): string => {
  const whole = join(data, 'control.sock');
  const near = relative(process.cwd(), whole);
  const path = Buffer.byteLength(near) < Buffer.byteLength(whole) ? near : whole;
  if (Buffer.byteLength(path) > socketPathMax)
    throw new ControlError(`the path of the data directory is too long for a socket in it: ${data}`);
  return path;
};

/** The server that runs over this data directory; undefined when none does. */
export const findRunning = (data: string): Promise<RunningServer | undefined> =>
  ask(data, 'status', {}) as Promise<RunningServer | undefined>;

/** Has the running server do it; undefined when none runs. */
export const operateRunning = <Name extends keyof Operations>(
  data: string,
  name: Name,
  argument: Parameters<Operations[Name]>[0],
): Promise<Awaited<ReturnType<Operations[Name]>> | undefined> =>
  ask(data, name, argument) as Promise<Awaited<ReturnType<Operations[Name]>> | undefined>;

const ask = (data: string, name: string, argument: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const asked = request({
      socketPath: controlSocket(data),
      method: 'POST',
      path: `/${name}`,
      headers: { 'content-type': 'application/json' },
      timeout: answerMs,
    });
    asked.on('timeout', () => asked.destroy(new ControlError('the running server does not answer')));
    asked.on('error', (cause: NodeJS.ErrnoException) => {
      // No socket, or one that a killed server left behind: nobody is there.
      if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' || cause.code === 'ENOTDIR') resolve(undefined);
      else if (cause instanceof ControlError) reject(cause);
      else reject(new ControlError(`cannot reach the running server: ${cause.message}`, { cause }));
    });
    asked.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
        if (text.length > answerBytesMax) answer.destroy(new ControlError('the running server answers too much'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode !== 200)
          return reject(
            new ControlError(`the running server could not do it; its log says why (${answer.statusCode})`),
          );
        try {
          resolve(JSON.parse(text));
        } catch (cause) {
          reject(new ControlError('the running server answers something else', { cause }));
        }
      });
    });
    asked.end(JSON.stringify(argument));
  });
