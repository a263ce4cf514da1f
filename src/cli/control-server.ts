// The server's end of the control socket (control.ts). Claimed before anything else is opened: it is also what keeps a
// second server off the same data directory.

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Log } from '../base/log.ts';
import { fileTrouble, makeDirectory } from '../store/files.ts';
import { StoreOpenError } from '../store/sqlite/open.ts';
import { ControlError, controlSocket, findRunning, type RunningServer } from './control.ts';
import type { Operations } from './operations.ts';

export interface Control {
  /** Does what is asked from now on; before, everything is answered 503. */
  serve(operations: Operations): void;
  close(): Promise<void>;
}

const requestBytesMax = 65_536;
const address = z.string().max(4096);
const password = z.string().max(4096);
const text = z.string().max(1000);
const digits = z.string().regex(/^\d{1,15}$/);
const withPassword = z.strictObject({ address, password, phone: z.boolean() });
const shapes = {
  addUser: withPassword,
  removeUser: z.strictObject({ address }),
  setPassword: withPassword,
  setListed: z.strictObject({ address, listed: z.boolean() }),
  setNumber: z.strictObject({ address, number: z.string().max(30).optional() }),
  presence: z.strictObject({ address }),
  federation: z.strictObject({ domain: address.optional() }),
  announce: z.strictObject({
    id: z.string().max(50),
    text: z.string().max(2000),
    options: z.array(z.string().max(200)).max(20),
    requiresAnswer: z.boolean(),
    verification: z.strictObject({ key: z.string().max(200), url: z.string().max(2000).optional() }).optional(),
    to: z.array(address).max(1000).optional(),
    createdAt: z.number(),
    expiresAt: z.number(),
  }),
  withdraw: z.strictObject({ id: z.string().max(50) }),
  phones: z.strictObject({ address: address.optional() }),
  kick: z.strictObject({ address, reason: z.string().max(200) }),
  sendSettings: z.strictObject({
    number: z.string().regex(/^[1-9]\d{5,14}$/),
    settings: z.strictObject({
      name: text,
      address: text,
      userId: text.optional(),
      password: text.optional(),
      accessPoint: z.strictObject({ apn: text, user: text.optional(), password: text.optional() }).optional(),
    }),
    security: z.discriminatedUnion('method', [
      z.strictObject({ method: z.literal('userpin'), pin: digits }),
      z.strictObject({ method: z.literal('netwpin'), imsi: digits }),
      z.strictObject({ method: z.literal('usernetwpin'), imsi: digits, pin: digits }),
    ]),
  }),
} as const satisfies { readonly [Name in keyof Operations]: z.ZodType };

/** Throws ControlError when another server has the directory, StoreOpenError when it cannot be written. */
export const claimControl = async (data: string, domain: string, log: Log): Promise<Control> => {
  try {
    makeDirectory(data);
  } catch (cause) {
    throw new StoreOpenError('unwritable', `cannot write the data directory ${data}: ${fileTrouble(cause)}`, cause);
  }
  const path = controlSocket(data);
  const running = await findRunning(data);
  if (running) throw new ControlError(`another onesoup runs over ${data} already (process ${running.pid})`);
  const self: RunningServer = { pid: process.pid, domain };
  let operations: Operations | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = request.url?.slice(1) ?? '';
    const text = await bodyOf(request);
    if (name === 'status') return tell(response, 200, self);
    if (!Object.hasOwn(shapes, name) || request.method !== 'POST') return tell(response, 404, {});
    if (!operations) return tell(response, 503, {});
    const argument = shapes[name as keyof Operations].safeParse(text === undefined ? undefined : jsonOf(text));
    if (!argument.success) return tell(response, 400, {});
    tell(response, 200, await operations[name as keyof Operations](argument.data as never));
  };
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(request, response).catch((cause: unknown) => {
      log.error({ err: cause, command: request.url }, 'a command failed');
      if (!response.headersSent) tell(response, 500, {});
    });
  });
  try {
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    });
    chmodSync(path, 0o600);
  } catch (cause) {
    server.close();
    throw new StoreOpenError('unwritable', `cannot write the data directory ${data}: ${fileTrouble(cause)}`, cause);
  }
  server.on('error', (cause) => log.error({ err: cause }, 'the control socket failed'));
  return {
    serve(given) {
      operations = given;
    },
    close: () =>
      new Promise((resolve) => {
        // Closing removes the socket's file too.
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
};

const tell = (response: ServerResponse, status: number, answer: object): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(answer));
};

const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > requestBytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // No shape fits undefined: the caller answers 400.
    return undefined;
  }
};
