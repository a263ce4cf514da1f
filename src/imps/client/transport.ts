// What the client needs of its surroundings. client/node.ts has them for Node; a browser's handset brings its own.

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** One POST of the data channel. Rejects when there was no HTTP answer at all. */
export type Post = (body: Uint8Array, contentType: string) => Promise<HttpAnswer>;

export interface CirListener {
  /** What one read from the connection, or one datagram, brought: phones look at reads, not at lines. */
  data(text: string): void;
  closed(): void;
}
export interface CirConnection {
  send(text: string): void;
  close(): void;
}

/** Wake-ups that a phone's own software hands to the client: WAP pushes and short messages. */
export interface CirArrivals {
  readonly methods: readonly ('WAPUDP' | 'WAPSMS' | 'SSMS')[];
  /** `listener.data` is told the words of each. */
  listen(listener: CirListener): void;
}

/** Ways to open the wake-up channel; what is absent is not offered to the server. */
export interface CirOpener {
  readonly arrivals?: CirArrivals;
  /** GETs; resolves with the HTTP status. Rejects when there is no answer. */
  get?(url: string): Promise<number>;
  tcp?(host: string, port: number, listener: CirListener): Promise<CirConnection>;
  /** Listens for datagrams; `port` is where. */
  udp?(listener: CirListener): Promise<CirConnection & { readonly port: number }>;
}
