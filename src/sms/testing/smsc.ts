// A simulated SMSC: SMPP 3.4 over a real socket, by the library's own server side, with the faults of real ones.

import type { AddressInfo } from 'node:net';
import { writeHeader } from '../header.ts';
import type { ArrivedPart } from '../parts.ts';
import { errors, type Pdu, type Session, smpp } from '../smpp/library.ts';
import { readDelivery } from '../smpp/pdu.ts';
import { PhoneNetwork } from './phones.ts';

const dataCodings = { gsm7: 0, octets: 4, ucs2: 8 } as const;
const retryMs = 20;

/** How a part is written into deliver_sm. */
export type DeliveryForm = 'udh' | 'payload' | 'sar';

export class Smsc {
  readonly network = new PhoneNetwork();
  readonly password: string;
  /** Command statuses for the next submissions, one each; 0 takes it. */
  readonly statuses: number[] = [];
  /** How often each deliver_sm is sent. */
  deliveries = 1;
  form: DeliveryForm = 'udh';
  /** Answers nothing any more, though the connection stands. */
  isSilent = false;
  /** Counted: binds, submissions taken, deliver_sm that were put off. */
  binds = 0;
  taken = 0;
  putOff = 0;
  #server = smpp.createServer((session) => this.#serve(session));
  readonly #bound = new Set<Session>();
  #port = 0;

  constructor(password = 'lantern') {
    this.password = password;
    this.network.toServer = (part) => this.#bring(part);
  }

  get port(): number {
    return this.#port;
  }

  get isBound(): boolean {
    return this.#bound.size > 0;
  }

  /** The second time, on the same port. */
  async listen(): Promise<void> {
    this.#server = smpp.createServer((session) => this.#serve(session));
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Every connection is cut; whoever comes back is served. */
  drop(): void {
    for (const session of [...this.#server.sessions]) session.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.drop();
    await closed;
  }

  /** A delivery receipt, as SMSCs send them whether or not they are asked for. */
  async receipt(from: string, to: string): Promise<void> {
    const answer = await this.#deliver({
      source_addr: from,
      destination_addr: to,
      esm_class: 4,
      data_coding: 0,
      short_message: Buffer.from('id:7 sub:001 dlvrd:001 stat:DELIVRD err:000 text:'),
    });
    if (answer !== 0) throw new Error(`a receipt was answered with ${answer}`);
  }

  #serve(session: Session): void {
    session.on('error', () => session.destroy());
    session.on('close', () => this.#bound.delete(session));
    session.on('pdu', (pdu: Pdu) => {
      if (pdu.isResponse() || this.isSilent) return;
      const answer = (command_status: number, rest = {}): void =>
        void session.send(pdu.response({ command_status, ...rest }));
      if (pdu.command === 'bind_transceiver') {
        if (pdu.password !== this.password) return answer(errors.ESME_RINVPASWD as number);
        this.binds++;
        this.#bound.add(session);
        answer(0, { system_id: 'smsc' });
      } else if (pdu.command === 'submit_sm') this.#submitted(pdu, answer);
      else answer(pdu.command === 'unknown' ? (errors.ESME_RINVCMDID as number) : 0);
    });
  }

  #submitted(pdu: Pdu, answer: (status: number, rest?: object) => void): void {
    const status = this.statuses.shift() ?? 0;
    answer(status, { message_id: `${++this.taken}` });
    const read = readDelivery(pdu);
    if (status === 0 && read.kind === 'message') this.network.fromServer(read.part);
  }

  /** Again and again, until the server has taken it: an SMSC keeps messages for days. */
  async #bring(part: ArrivedPart): Promise<void> {
    for (;;) {
      const statuses: number[] = [];
      for (let n = 0; n < this.deliveries; n++) statuses.push(await this.#deliver(this.#parametersOf(part)));
      if (statuses.includes(0)) return;
      this.putOff++;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  #parametersOf({ from, to, coding, body, header }: ArrivedPart): Record<string, unknown> {
    const common = {
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: from,
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: to,
      data_coding: dataCodings[coding],
    };
    const { part, ports } = header;
    if (this.form === 'sar')
      return {
        ...common,
        esm_class: 0,
        short_message: Buffer.from(body),
        ...(part && {
          sar_msg_ref_num: part.reference,
          sar_total_segments: part.total,
          sar_segment_seqnum: part.number,
        }),
        ...(ports && { dest_port: ports.destination, source_port: ports.source }),
      };
    const udh = writeHeader(header);
    const octets = Buffer.concat([udh, body]);
    const content =
      this.form === 'payload' ? { short_message: Buffer.alloc(0), message_payload: octets } : { short_message: octets };
    return { ...common, esm_class: udh.length ? 0x40 : 0, ...content };
  }

  /** The status it was answered with; -1 when nobody is bound, or the connection went first. */
  #deliver(parameters: Record<string, unknown>): Promise<number> {
    const [session] = this.#bound;
    if (!session) return Promise.resolve(-1);
    return new Promise((resolve) => {
      const done = (status: number): void => {
        session.off('close', gone);
        resolve(status);
      };
      const gone = (): void => done(-1);
      session.once('close', gone);
      const isWritten = session.send(new smpp.PDU('deliver_sm', parameters), (answer) => done(answer.command_status));
      if (!isWritten) gone();
    });
  }
}
