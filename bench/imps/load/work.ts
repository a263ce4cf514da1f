// What phones ask, over and over.

import type { Primitive } from '../../../src/imps/primitives.ts';
import { friendOf, phoneAddress } from '../world/people.ts';
import { numberHole } from './stencil.ts';

export const workNames = ['poll', 'send', 'presence'] as const;
export type Work = (typeof workNames)[number];

/** Message and status text are as long as people's are, and never the same twice. */
export const requestOf = (work: Work, phone: number): Primitive => {
  if (work === 'poll') return { name: 'Polling-Request' };
  if (work === 'presence')
    return {
      name: 'UpdatePresence-Request',
      PresenceSubList: {
        UserAvailability: { Qualifier: true, PresenceValue: 'AVAILABLE' },
        StatusText: { Qualifier: true, PresenceValue: `On the train ${numberHole}` },
      },
    };
  return messageTo(friendOf(phone), phone);
};

export const messageTo = (address: string, from: number): Primitive => {
  const text = `See you at the station, the train is late ${numberHole}`;
  return {
    name: 'SendMessage-Request',
    DeliveryReport: false,
    MessageInfo: {
      ContentType: 'text/plain',
      ContentSize: text.length,
      Recipient: { User: [{ UserID: `wv:${address}` }] },
      Sender: { User: { UserID: `wv:${phoneAddress(from)}` } },
    },
    ContentData: text,
  };
};

/** How the server's metrics count the good answers; '' where it does not. */
export const answerLabels: Readonly<Record<Work, string>> = {
  poll: '',
  send: 'onesoup_csp_answers_total{primitive="SendMessage-Request",code="200"}',
  presence: 'onesoup_csp_answers_total{primitive="UpdatePresence-Request",code="200"}',
};
