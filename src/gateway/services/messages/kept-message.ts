// A message for the phone as it waits: the NewMessage it becomes, and beside it what XMPP needs to know when it was read.

import type { Primitive, PrimitiveOf } from '../../../imps/primitives.ts';
import type { WaitingItem } from '../../service.ts';

/** Where it came from. */
export interface Origin {
  /** Full JID of the sender. */
  readonly from: string;
  readonly id: string | undefined;
  /** The sender wants to know that it arrived (XEP-0184). */
  readonly receipt: boolean;
}

export type KeptMessage = PrimitiveOf<'NewMessage'> & { readonly $origin?: Origin };

export const keptMessage = (item: WaitingItem): KeptMessage | undefined =>
  item.primitive.name === 'NewMessage' ? item.primitive : undefined;

/** The primitive as the phone gets it. */
export const asPrimitive = (kept: Primitive): Primitive => {
  const { $origin: _, ...primitive } = kept as KeptMessage;
  return primitive as Primitive;
};

export const originOf = (item: WaitingItem): Origin | undefined => keptMessage(item)?.$origin;
