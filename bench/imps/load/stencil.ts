// A request that is encoded once and sent many times: SessionID, TransactionID and a running number in its text are written
// into the octets. They have a fixed width, so nothing else changes.

import { contentTypeOf } from '../../../src/imps/content-type.ts';
import type { Encoding } from '../../../src/imps/message.ts';
import type { Primitive } from '../../../src/imps/primitives.ts';
import type { CspVersion } from '../../../src/imps/version.ts';
import { writeMessage } from '../../../src/imps/write-message.ts';

/** Where the number goes in a text of the primitive. */
export const numberHole = '#0000000';
const idHole = 'T#000000';
const sessionHole = '#SessionID#SessionID#Sessi';

export interface Stencil {
  /** The length of a whole request, and of its body. */
  readonly length: number;
  readonly bodyLength: number;
  /** The request in octets of its own, which `fill` changes: one for each connection. */
  copy(path?: string): Filled;
}

export interface Filled {
  readonly octets: Buffer;
  /** number: below ten million, in TransactionID and text. */
  fill(sessionId: string, number: number): Buffer;
}

export const stencilOf = (
  content: Primitive,
  { version, encoding }: { readonly version: CspVersion; readonly encoding: Encoding },
  options: { readonly mode?: 'Request' | 'Response' } = {},
): Stencil => {
  const body = writeMessage(
    {
      version,
      sessionType: 'Inband',
      sessionId: sessionHole,
      transactions: [{ mode: options.mode ?? 'Request', id: idHole, content }],
    },
    encoding,
  );
  const requestFor = (path: string): Buffer => postOf(body, contentTypeOf(version, encoding), path);
  return {
    length: requestFor('/csp').length,
    bodyLength: body.length,
    copy(path = '/csp') {
      const octets = requestFor(path);
      const [sessionAt, idAt, numberAt] = [sessionHole, idHole, numberHole].map((hole) => octets.indexOf(hole)) as [
        number,
        number,
        number,
      ];
      return {
        octets,
        fill(sessionId, number) {
          if (sessionId.length !== sessionHole.length) throw new Error('SessionIDs have another length now');
          octets.write(sessionId, sessionAt, 'latin1');
          writeNumber(octets, idAt + 1, number);
          if (numberAt >= 0) writeNumber(octets, numberAt + 1, number);
          return octets;
        },
      };
    },
  };
};

/** A POST as a phone of the time sends it. */
export const postOf = (body: Uint8Array, contentType: string, path = '/csp'): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Phone/1.0\r\nAccept: application/vnd.wv.csp.xml, application/vnd.wv.csp.wbxml\r\n` +
        `Content-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  ]);

const writeNumber = (octets: Buffer, at: number, number: number): void => {
  let left = number;
  for (let digit = at + 6; digit >= at; digit--) {
    octets[digit] = 0x30 + (left % 10);
    left = Math.floor(left / 10);
  }
};
