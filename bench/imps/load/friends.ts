// A friend's XMPP client: signs in, is available, and lets everything it is sent fall.

import { connect, type Socket } from 'node:net';
import { domain, password } from '../world/people.ts';

export interface Friend extends Disposable {
  /** Octets that came so far. */
  readonly received: () => number;
}

export const signInFriend = async (port: number, name: string): Promise<Friend> => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const open = `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
  let received = 0;
  await say(socket, open, '</stream:features>');
  const proof = btoa(`\0${name}\0${password}`);
  await say(socket, `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${proof}</auth>`, '<success');
  await say(socket, open, '</stream:features>');
  await say(socket, "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", '</iq>');
  await say(socket, "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>", "id='r'");
  socket.write('<presence/>');
  socket.on('data', (chunk) => {
    received += chunk.length;
  });
  socket.on('error', () => {}); // Who waits for what it would have received says so.
  return { received: () => received, [Symbol.dispose]: () => void socket.destroy() };
};

const say = (socket: Socket, text: string, until: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = '';
    const done = (cause?: Error): void => {
      socket.off('data', read).off('error', done).off('close', closed);
      if (cause) reject(cause);
      else resolve();
    };
    const read = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes(until)) done();
      else if (said.includes('<failure') || said.includes('</stream:stream>')) done(new Error(`refused: ${said}`));
    };
    const closed = (): void => done(new Error(`closed: ${said}`));
    socket.on('data', read).on('error', done).on('close', closed);
    socket.write(text);
  });
