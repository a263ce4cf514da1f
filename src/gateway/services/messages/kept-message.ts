// A message for the phone as it waits: the NewMessage it becomes, and beside it what XMPP needs to know when it was read.

import type { Primitive, PrimitiveOf } from '../../../imps/primitives.ts';
import type { WaitingItem } from '../../service.ts';
import type { Shared } from '../content/shared.ts';

/** Where it came from. */
export interface Origin {
  /** Full JID of the sender. */
  readonly from: string;
  readonly id: string | undefined;
  /** The sender wants to know that it arrived (XEP-0184). */
  readonly receipt: boolean;
}

/** The file that it brings. */
export interface KeptFile extends Shared {
  /**
   * 'awaited': it has to be fetched, and the message is held back. 'there': it is the message's content, in a form for the
   * phone that was signed in then. 'told': the phone cannot have it, and is shown words instead.
   */
  readonly state: 'awaited' | 'there' | 'told';
  /** What stands for it where it cannot be shown: what the sender's app wrote for such apps. */
  readonly words: string;
  /** Full JID of whoever can be asked for a content id. */
  readonly from?: string;
}

export type KeptMessage = PrimitiveOf<'NewMessage'> & {
  readonly $origin?: Origin;
  readonly $file?: KeptFile;
  /** The room that it was said in, to all; a bare JID. */
  readonly $room?: string;
};

export const keptMessage = (item: WaitingItem): KeptMessage | undefined =>
  item.primitive.name === 'NewMessage' ? item.primitive : undefined;

/** Can the phone know of it yet? */
export const isKnown = ({ $file }: KeptMessage): boolean => $file?.state !== 'awaited';

/** The primitive as the phone gets it. */
export const asPrimitive = (kept: Primitive): Primitive => {
  const { $origin: _, $file: __, $room: ___, ...primitive } = kept as KeptMessage;
  return primitive as Primitive;
};

export const originOf = (item: WaitingItem): Origin | undefined => keptMessage(item)?.$origin;

/** Octets of the content as it is written to the phone. */
export const contentOctets = ({ ContentData }: KeptMessage): number =>
  typeof ContentData === 'string' ? Buffer.byteLength(ContentData) : (ContentData?.length ?? 0);
