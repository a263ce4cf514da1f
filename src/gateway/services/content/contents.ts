// What the gateway needs of the world to carry contents beside text: the web, and somebody who makes pictures smaller. Both
// come from outside, so that tests own them; without them phones are shown links.

import type { Outcome } from '../../../base/outcome.ts';
import type { ContentEvents } from './events.ts';
import type { Turns } from './turns.ts';

export interface Contents {
  readonly web: Web;
  readonly pictures: Pictures;
  /** The largest file that is fetched, octets. */
  readonly bytesMax: number;
  /** Let so many at a time have a fetched file in memory, each sender and host a share of them; all others wait. */
  readonly turns: Turns;
  readonly events: ContentEvents;
}

export interface Web {
  /** Fetches a file of at most so many octets. Takes https, http and aesgcm. Never rejects. */
  get(url: string, bytesMax: number): Promise<Outcome<Fetched, WebFault>>;
  /** Puts a file into a slot (XEP-0363). Never rejects. */
  put(
    url: string,
    headers: Readonly<Record<string, string>>,
    file: { readonly type: string; readonly octets: Uint8Array },
  ): Promise<Outcome<void, WebFault>>;
}

export interface Fetched {
  readonly octets: Uint8Array;
  /** What the server says it is. */
  readonly type: string | undefined;
}

export interface WebFault {
  /** 'temporary' may be tried again; 'forbidden': an address that we do not go to. */
  readonly reason: 'forbidden' | 'too-large' | 'gone' | 'temporary';
  /** In words, for logs and senders. */
  readonly text: string;
}

export interface Pictures {
  /** The picture in a form that fits. Never rejects. */
  fit(picture: Uint8Array, wish: PictureWish): Promise<Outcome<Picture, PictureFault>>;
}

export interface PictureWish {
  /** In order of preference. */
  readonly types: readonly PictureType[];
  readonly octetsMax: number;
  /** Width and height at most. */
  readonly pixelsMax: number;
}
export type PictureType = 'image/jpeg' | 'image/png' | 'image/gif';

export interface Picture {
  readonly type: PictureType;
  readonly octets: Uint8Array;
}

/** 'unreadable': no picture we know. 'too-large': in pixels, or it cannot be made small enough. 'busy' may be tried again. */
export type PictureFault = 'unreadable' | 'too-large' | 'busy';
