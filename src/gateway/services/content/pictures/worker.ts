// The thread in which pictures are made smaller: one after the other, as they are posted.

import { parentPort } from 'node:worker_threads';
import type { PictureWish } from '../contents.ts';
import { fitPicture } from './fit.ts';

parentPort?.on('message', async ({ octets, wish }: { readonly octets: Uint8Array; readonly wish: PictureWish }) => {
  parentPort?.postMessage(await fitPicture(octets, wish));
});
