// XEP-0184 Message Delivery Receipts 1.4.0: requests and receipts pass between clients like any message, and both wait for a
// client that is away (messages/rules.ts keeps them). The server gives no receipts in a client's name.

import type { Feature } from './feature.ts';

export const receipts: Feature = {
  specs: [
    {
      id: 'XEP-0184',
      name: 'Message Delivery Receipts',
      version: '1.4.0',
      scope: 'passed on and kept for offline clients',
    },
  ],
  taps: () => [],
};
