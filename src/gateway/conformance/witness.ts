// Watches what phones and the gateway say to each other while tests run, and notes what each test shows: a primitive, in a
// version and an encoding, sent by one side and answered well by the other.

import type { CspMessage, Encoding, RefusedTransaction, Transaction } from '../../imps/message.ts';
import { isRefused } from '../../imps/message.ts';
import type { Primitive } from '../../imps/primitives.ts';
import { readMessage } from '../../imps/read-message.ts';
import type { CspVersion } from '../../imps/version.ts';
import type { Direction } from './reference.ts';

/** One field of the conformance table. */
export interface Cell {
  readonly primitive: string;
  readonly version: CspVersion;
  readonly encoding: Encoding;
  readonly from: Direction;
}

export const keyOf = ({ primitive, version, encoding, from }: Cell): string =>
  `${primitive} ${version} ${encoding} ${from}`;

export class Witness {
  #test: string | undefined;
  /** By test title: what it showed. */
  readonly shown = new Map<string, Map<string, Cell>>();
  /** Requests of the server that no phone has acknowledged yet, by session and TransactionID. */
  readonly #open = new Map<string, Cell>();

  begins(test: string): void {
    this.#test = test;
    this.#open.clear();
  }

  /** One POST and what came back. Bodies that are no messages show nothing. */
  exchange(request: Uint8Array, answer: Uint8Array, contentType?: string): void {
    const asked = read(request, contentType);
    const ids = new Set(asked?.message.transactions.map(({ id }) => id));
    const answered = read(answer, contentType, (id) => ids.has(id));
    if (asked) for (const one of asked.message.transactions) this.#fromPhone(one, asked, answered);
    if (answered) for (const one of answered.message.transactions) this.#fromServer(one, answered);
  }

  #fromPhone(one: Transaction | RefusedTransaction, said: Said, answered: Said | undefined): void {
    if (isRefused(one)) return;
    const cell = cellOf(one.content, said, 'phone');
    const answer = answered?.message.transactions.find((other) => other.mode === 'Response' && other.id === one.id);
    const opened = `${said.message.sessionId} ${one.id}`;
    if (one.mode === 'Response' && this.#open.has(opened)) {
      const request = this.#open.get(opened) as Cell;
      this.#open.delete(opened);
      if (wentWell(one)) this.#shows(request);
      this.#shows(cell);
    } else if (answer === undefined ? one.content.name === 'Polling-Request' : wentWell(answer)) this.#shows(cell);
  }

  #fromServer(one: Transaction | RefusedTransaction, said: Said): void {
    if (isRefused(one)) return;
    const cell = cellOf(one.content, said, 'server');
    // Nobody has to acknowledge the end of a session.
    if (one.mode === 'Request' && one.content.name !== 'Disconnect')
      this.#open.set(`${said.message.sessionId} ${one.id}`, cell);
    else if (one.content.name === 'Status' || one.content.name === 'Disconnect' || wentWell(one)) this.#shows(cell);
  }

  #shows(cell: Cell): void {
    if (this.#test === undefined) return;
    const cells = this.shown.get(this.#test) ?? new Map<string, Cell>();
    this.shown.set(this.#test, cells.set(keyOf(cell), cell));
  }
}

interface Said {
  readonly message: CspMessage<Transaction | RefusedTransaction>;
  readonly encoding: Encoding;
}

/** isAwaited: in plain text it tells an answer from a request. */
const read = (
  body: Uint8Array,
  contentType: string | undefined,
  isAwaited: (id: string) => boolean = () => false,
): Said | undefined => {
  if (body.length === 0) return undefined;
  const received = readMessage(body, contentType, { isAwaited });
  return received.ok ? received.value : undefined;
};

const cellOf = (content: Primitive, { message, encoding }: Said, from: Direction): Cell => ({
  primitive: content.name,
  version: message.version,
  encoding,
  from,
});

/** 401 stands in the middle of a 4-way sign-in; 201 is a success in part. */
const wentWell = (one: Transaction | RefusedTransaction): boolean => {
  if (isRefused(one)) return false;
  const code = (one.content as { readonly Result?: { readonly Code?: number } }).Result?.Code;
  return code === undefined || code < 300 || code === 401;
};
