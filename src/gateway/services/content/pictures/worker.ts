// The process in which pictures are made smaller: one after the other, as they are sent. It ends with the one that sends them.

import type { PictureWish } from '../contents.ts';
import { fitPicture } from './fit.ts';

// Both come to all of a terminal's or a service's processes: the program says itself when it needs no more pictures.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

process.on('message', async ({ octets, wish }: { readonly octets: Uint8Array; readonly wish: PictureWish }) => {
  process.send?.(await fitPicture(octets, wish));
});
process.on('disconnect', () => process.exit());
