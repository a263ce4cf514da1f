// Ann's phone: our CSP client as a WBXML 1.2 handset with a TCP wake-up channel, every message and line of it seen.

import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { CspClient } from '../src/imps/client/client.ts';
import type { Trace } from '../src/imps/client/data-channel.ts';
import { httpPost, tcpCir } from '../src/imps/client/node.ts';
import { wbxml12 } from '../src/imps/client/personality.ts';
import type { CirOpener, Post } from '../src/imps/client/transport.ts';
import { digestBytes } from '../src/imps/digest.ts';
import type { CspMessage } from '../src/imps/message.ts';
import { writeMessage } from '../src/imps/write-message.ts';
import type { PhoneSettings } from './onesoup.ts';
import { primitiveLine } from './primitive-line.ts';
import type { Screen, Way } from './screen.ts';

export const personality = wbxml12;

/** What went over the wire, for the summary. */
export interface Traffic {
  messages: number;
  /** Octets as sent, and what the same messages take in XML. */
  octets: number;
  xmlOctets: number;
  /** When the last wake-up came, by performance.now(). */
  wokenAt: number | undefined;
}

export interface PhoneOptions {
  readonly settings: PhoneSettings;
  readonly password: string;
  readonly screen: Screen;
  readonly traffic: Traffic;
  /** What to say beside a wake-up line. */
  readonly wakeUpWords: () => string;
}

export type Phone = CspClient & Disposable;

/** Not signed in yet. Disposing takes its battery out. */
export const makePhone = ({ settings, password, screen, traffic, wakeUpWords }: PhoneOptions): Phone => {
  const show = (way: Way, message: Parameters<Trace>[1], octets: number): void => {
    traffic.messages++;
    traffic.octets += octets;
    traffic.xmlOctets += message ? inXml(message) : octets;
    if (!message)
      screen.wire({ wire: 'CSP', way, name: '(empty)', fields: 'nothing for you', isQuiet: true, size: `${octets}` });
    message?.transactions.forEach((transaction, n) => {
      const size = n === 0 ? `WBXML ${octets}` : '';
      const isQuiet = 'content' in transaction && transaction.content.name === 'Polling-Request';
      screen.wire({ wire: 'CSP', way, ...primitiveLine(transaction), isQuiet, size });
    });
  };
  // The trace knows the message, the transport its octets: a request is traced before it is posted, an answer after.
  let sending: Parameters<Trace>[1];
  let answered = 0;
  const http = httpPost(settings.serverAddress, { headers: { 'User-Agent': personality.userAgent } });
  const post: Post = async (body, contentType) => {
    show('right', sending, body.length);
    const answer = await http(body, contentType);
    answered = answer.body.length;
    return answer;
  };
  const client = new CspClient({
    post,
    clock: systemClock,
    random: systemRandom,
    user: settings.userId,
    password,
    personality,
    digest: digestBytes,
    cir: seenCir(screen, traffic, wakeUpWords),
    trace: (direction, message) => {
      if (direction === 'sent') sending = message;
      else show('left', message, answered);
    },
  });
  return Object.assign(client, {
    [Symbol.dispose]: () => {
      client.drop();
      http[Symbol.dispose]();
    },
  });
};

const inXml = (message: NonNullable<Parameters<Trace>[1]>): number =>
  message.transactions.every((one) => 'content' in one) ? writeMessage(message as CspMessage, 'xml').length : 0;

const seenCir = (screen: Screen, traffic: Traffic, wakeUpWords: () => string): CirOpener => {
  const open = tcpCir();
  const told = (way: Way, text: string, fields = ''): void => {
    const [name = '', ...rest] = text.trim().split(' ');
    screen.wire({
      wire: 'CIR',
      way,
      name: [name, ...rest.map((part) => (part.length > 12 ? `${part.slice(0, 9)}…` : part))].join(' '),
      fields,
    });
  };
  return {
    async tcp(host, port, listener) {
      const connection = await open(host, port, {
        data(text) {
          const isWake = text.startsWith('WVCI');
          if (isWake) traffic.wokenAt = performance.now();
          told('left', text, isWake ? wakeUpWords() : 'the wake-up channel is open');
          listener.data(text);
        },
        closed: () => listener.closed(),
      });
      return {
        send(text) {
          told('right', text, `TCP ${host}:${port}`);
          connection.send(text);
        },
        close: () => connection.close(),
      };
    },
  };
};
