// Kannel as an operator runs it: bearerbox and smsbox, each a process of its own. Its SMSC is the one it has for tests ("fake"):
// a line of text over TCP for each short message, either way, which make phones of src/sms/testing reachable.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toSeptets } from '../../src/sms/gsm7.ts';
import { readHeader, writeHeader } from '../../src/sms/header.ts';
import type { ArrivedPart, Coding } from '../../src/sms/parts.ts';
import { PhoneNetwork } from '../../src/sms/testing/phones.ts';
import { type Child, startChild } from './child.ts';
import { freePorts } from './ports.ts';

const bearerbox = '/usr/sbin/bearerbox';
const smsbox = '/usr/sbin/smsbox';
export const hasKannel = (): boolean => existsSync(bearerbox) && existsSync(smsbox);

/** Who may use its sendsms page. */
export const kannelUser = { username: 'onesoup', password: 'oil-and-wick' } as const;

export interface Kannel {
  readonly network: PhoneNetwork;
  output(): string;
  remove(): Promise<void>;
}

export interface KannelOptions {
  /** Where it brings messages; it adds the parameters. */
  readonly incoming: string;
  readonly secret: string;
  /** Of its sendsms page, /cgi-bin/sendsms. */
  readonly port: number;
  /** By GET with everything in the query, or by POST with X-Kannel headers. */
  readonly method: 'get' | 'post';
}

const service = ({ incoming, secret, method }: KannelOptions): string =>
  method === 'post'
    ? `post-url = "${incoming}?secret=${secret}"\nsend-sender = true`
    : `get-url = "${incoming}?secret=${secret}&from=%p&to=%P&coding=%c&charset=%C&udh=%u&text=%b"`;

export const startKannel = async (options: KannelOptions): Promise<Kannel> => {
  const { port: send } = options;
  const [admin = 0, boxes = 0, fake = 0] = await freePorts(3);
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-kannel-'));
  const file = join(directory, 'kannel.conf');
  const { username, password } = kannelUser;
  writeFileSync(
    file,
    `group = core
admin-port = ${admin}
admin-interface = 127.0.0.1
admin-password = ${password}
smsbox-port = ${boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"

group = smsc
smsc = fake
smsc-id = fake
port = ${fake}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${send}
sendsms-interface = 127.0.0.1
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = ${username}
password = ${password}
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
concatenation = false
${service(options)}
`,
  );
  const children: Child[] = [startChild(bearerbox, [file])];
  const output = (): string => children.map((child) => child.output()).join('\n');
  const remove = async (): Promise<void> => {
    air?.destroy();
    for (const child of children.reverse()) await child.end();
    rmSync(directory, { recursive: true, force: true });
  };
  let air: Socket | undefined;
  try {
    await answers(boxes, output);
    children.push(startChild(smsbox, [file]));
    await answers(send, output);
    air = await answers(fake, output, true);
    // The bearerbox has to see that its SMSC has come.
    await sleep(1500);
  } catch (cause) {
    await remove();
    throw cause;
  }
  const network = new PhoneNetwork();
  over(air as Socket, network);
  return { network, output, remove };
};

/** Resolves when something listens there; with the connection, if that is wanted. */
const answers = async (port: number, output: () => string, isKept = false): Promise<Socket | undefined> => {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(50)) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const made = connect(port, '127.0.0.1', () => resolve(made));
      made.once('error', () => resolve(undefined));
    });
    if (socket && isKept) return socket;
    socket?.destroy();
    if (socket) return undefined;
  }
  throw new Error(`Kannel does not listen on ${port}:\n${output()}`);
};

/** The lines of the fake SMSC: `FROM TO text WORDS`, or `data`, `udh HEADER data DATA`, `ucs-2`, each escaped as in a URL. */
const over = (air: Socket, network: PhoneNetwork): void => {
  let rest = Buffer.alloc(0);
  air.on('data', (octets: Buffer) => {
    rest = Buffer.concat([rest, octets]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      const part = partOf(line);
      if (part) network.fromServer(part);
    }
  });
  network.toServer = async ({ from, to, coding, header, body }) => {
    const udh = writeHeader(header);
    const escaped = (given: Uint8Array): string =>
      Array.from(given, (octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
    if (coding !== 'octets' || udh.length === 0) throw new Error('only octets to a port are brought by this air');
    air.write(`${from} ${to} udh ${escaped(udh)} ${escaped(body)}\n`);
  };
};

const partOf = (line: Buffer): ArrivedPart | undefined => {
  const found = /^(\S+) (\S+) (text|data|ucs-2|udh) (.*)$/s.exec(line.toString('latin1'));
  if (!found) return undefined;
  const [, from = '', to = '', kind = '', given = ''] = found;
  if (kind === 'text') {
    const body = toSeptets(Buffer.from(given, 'latin1').toString());
    return body && { from, to, header: {}, coding: 'gsm7', body };
  }
  const [, udh = '', inner = kind, data = given] = /^(\S+) (text|data|ucs-2) (.*)$/s.exec(given) ?? [];
  const header = kind === 'udh' ? readHeader(unescaped(udh)) : {};
  const coding: Coding = inner === 'ucs-2' ? 'ucs2' : 'octets';
  return header && { from, to, header, coding, body: unescaped(data) };
};

const unescaped = (text: string): Uint8Array =>
  Buffer.from(
    text
      .replaceAll('+', ' ')
      .replace(/%([0-9a-fA-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  );
