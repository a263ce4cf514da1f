// A phone's CIR connection over TCP: HELO, and then it is told when to poll.

import { connect, type Socket } from 'node:net';

export interface Cir {
  readonly socket: Socket;
  /** Called for each WVCI; the time it was read is when it is called. */
  wake: () => void;
}

/** Resolves when the server has answered HELO with OK. */
export const openCir = (port: number, sessionId: string): Promise<Cir> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const cir: Cir = { socket, wake: () => {} };
    let isUp = false;
    socket.on('connect', () => socket.write(`HELO ${sessionId}\r\n`));
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      if (!isUp && text.startsWith('OK')) {
        isUp = true;
        resolve(cir);
      }
      if (text.includes('WVCI ')) cir.wake();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a CIR connection')));
  });

/** Opens one for each session, no more at a time than the server lets strangers knock from one address. */
export const openAllCirs = async (port: number, sessionIds: readonly string[]): Promise<readonly Cir[]> => {
  const cirs: Cir[] = [];
  const left = sessionIds.entries();
  const lane = async (): Promise<void> => {
    for (const [at, sessionId] of left) cirs[at] = await openCir(port, sessionId);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return cirs;
};
