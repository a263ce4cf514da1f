// The carrier that the configuration names.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Meter } from '../base/meter.ts';
import type { Random } from '../base/random.ts';
import type { SmsCarrier } from './carrier.ts';
import { KannelCarrier, type KannelIncoming } from './kannel/carrier.ts';
import type { CarrierSettings } from './settings.ts';
import { SmppCarrier } from './smpp/carrier.ts';

export interface Around {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
}

export interface CreatedCarrier {
  readonly carrier: SmsCarrier;
  /** What is to be served over HTTP for messages to come in. */
  readonly incoming?: KannelIncoming;
}

/** Begins to connect at once; `carrier.isUp` tells whether it is. */
export const createCarrier = (settings: CarrierSettings, around: Around): CreatedCarrier => {
  if (settings.kind === 'smpp') return { carrier: new SmppCarrier(settings, around) };
  const carrier = new KannelCarrier(settings, around);
  return { carrier, incoming: (request) => carrier.incoming(request) };
};
