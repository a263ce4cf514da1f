// Phones' requests to a doomed process, over HTTP. A moment is also before and after each answer.

import { createServer } from 'node:http';
import type { Gateway } from '../gateway.ts';
import type { Activity } from '../simulation/activity.ts';
import type { Life } from '../simulation/mortal-store.ts';

export interface HttpCounts {
  /** Requests that are here in full, and answers that have left. */
  readonly asked: number;
  readonly answered: number;
}

interface Parts {
  readonly gateway: Gateway;
  /** 0: any. */
  readonly port: number;
  readonly life: Life;
  readonly activity: Activity;
}

/** Resolves when it listens. Rejects when the port is not to be had. */
export const serveDoomed = async ({ gateway, port, life, activity }: Parts) => {
  let asked = 0;
  let answered = 0;
  const http = createServer((request, response) => {
    const pieces: Buffer[] = [];
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', async () => {
      asked++;
      activity.note();
      const answer = await gateway.handle({
        body: new Uint8Array(Buffer.concat(pieces)),
        contentType: request.headers['content-type'],
        userAgent: request.headers['user-agent'],
        remoteAddress: request.socket.remoteAddress ?? '',
        gone: gone.signal,
      });
      response.on('close', () => answer.delivered?.(response.writableFinished));
      life.moment();
      response.writeHead(answer.status, {
        'Content-Length': answer.body.length,
        ...(answer.contentType && { 'Content-Type': answer.contentType }),
      });
      response.end(answer.body, () => {
        answered++;
        activity.note();
        life.moment();
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', resolve);
  });
  const address = http.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    counts: (): HttpCounts => ({ asked, answered }),
  };
};
