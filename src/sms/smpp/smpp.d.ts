// Types for the part of smpp (npm) that src/sms uses; the package has none of its own.

declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server as NetServer, Socket } from 'node:net';

  interface Pdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly [parameter: string]: unknown;
    isResponse(): boolean;
    response(options?: Readonly<Record<string, unknown>>): Pdu;
  }
  interface Session extends EventEmitter {
    readonly socket: Socket;
    /** False when it was not written; `answered` hears the response. */
    send(pdu: Pdu, answered?: (response: Pdu) => void): boolean;
    close(): void;
    destroy(): void;
  }
  interface Server extends NetServer {
    readonly sessions: readonly Session[];
  }
  interface Parameter {
    filter?: unknown;
  }
  interface Smpp {
    connect(options: Readonly<Record<string, unknown>>): Session;
    createServer(listener: (session: Session) => void): Server;
    readonly PDU: new (command: string, options?: Readonly<Record<string, unknown>>) => Pdu;
    readonly commands: Readonly<Record<string, { readonly params?: Record<string, Parameter> }>>;
    readonly tlvs: Readonly<Record<string, Parameter>>;
    readonly errors: Readonly<Record<string, number>>;
  }
  const smpp: Smpp;
  export default smpp;
  export type { Pdu, Server, Session };
}
