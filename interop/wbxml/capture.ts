// A capture file of HTTP exchanges, as a sniffer between a phone and a server would have written it: POST requests with
// WBXML bodies over one TCP connection each, answered by 200. Checksums are left 0, which dissectors take as offloaded.

export interface Exchange {
  readonly request: Uint8Array;
  readonly response: Uint8Array | undefined;
}

const phone = { address: [10, 0, 0, 2] };
const server = { address: [10, 0, 0, 1], port: 80 };
const SYN = 0x02;
const ACK = 0x10;
const PUSH_ACK = 0x18;
/** Link type "raw IP" of the pcap format. */
const rawIp = 101;

/** The octets of a pcap file (little endian, microseconds). */
export function captureOf(exchanges: readonly Exchange[]): Uint8Array {
  const file = Buffer.alloc(24);
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(262_144, 16);
  file.writeUInt32LE(rawIp, 20);
  const packets = exchanges.flatMap(({ request, response }, index) => conversation(20_000 + index, request, response));
  return Buffer.concat([file, ...packets.flatMap((packet, index) => [recordHeader(packet, index), packet])]);
}

function recordHeader(packet: Buffer, index: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1_700_000_000 + index, 0);
  header.writeUInt32LE(packet.length, 8);
  header.writeUInt32LE(packet.length, 12);
  return header;
}

function conversation(port: number, request: Uint8Array, response: Uint8Array | undefined): Buffer[] {
  const type = 'Content-Type: application/vnd.wv.csp.wbxml';
  const post = http(`POST /csp HTTP/1.1\r\nHost: harbour.test\r\n${type}`, request);
  const answer = http(`HTTP/1.1 200 OK\r\n${type}`, response ?? new Uint8Array());
  const out = (flags: number, seq: number, ack: number, data: Buffer = Buffer.alloc(0)): Buffer =>
    packet(phone.address, port, server.address, server.port, flags, seq, ack, data);
  const back = (flags: number, seq: number, ack: number, data: Buffer = Buffer.alloc(0)): Buffer =>
    packet(server.address, server.port, phone.address, port, flags, seq, ack, data);
  return [
    out(SYN, 0, 0),
    back(SYN | ACK, 0, 1),
    out(ACK, 1, 1),
    out(PUSH_ACK, 1, 1, post),
    back(PUSH_ACK, 1, 1 + post.length, answer),
    out(ACK, 1 + post.length, 1 + answer.length),
  ];
}

const http = (head: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${head}\r\nContent-Length: ${body.length}\r\n\r\n`), body]);

/** IPv4 and TCP headers without options, then the data. */
function packet(
  from: readonly number[],
  fromPort: number,
  to: readonly number[],
  toPort: number,
  flags: number,
  seq: number,
  ack: number,
  data: Buffer,
): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x45;
  header.writeUInt16BE(40 + data.length, 2);
  header[8] = 64;
  header[9] = 6;
  header.set(from, 12);
  header.set(to, 16);
  header.writeUInt16BE(fromPort, 20);
  header.writeUInt16BE(toPort, 22);
  header.writeUInt32BE(seq, 24);
  header.writeUInt32BE(ack, 28);
  header[32] = 0x50;
  header[33] = flags;
  header.writeUInt16BE(65_535, 34);
  return Buffer.concat([header, data]);
}
