// How phones are woken.

import { z } from 'zod';
import { section } from '../section.ts';
import { host, network, oneOf, webAddress, whole, yesOrNo } from '../values.ts';

export const cir = section(
  {
    public_host: host()
      .optional()
      .describe(
        'The host name or address that phones are told to open their wake-up channel to. Without it: the host they reached us at over HTTP.',
      ),
    public_url: webAddress()
      .optional()
      .describe(
        'What the addresses begin with at which phones ask over HTTP whether something waits; a proxy must hand `/cir/` behind it on to `listen.http`. Without it: where they reached us.',
      ),
    methods: z
      .array(oneOf('STCP', 'SHTTP', 'SUDP', 'WAPUDP', 'SSMS', 'WAPSMS'), {
        error: () => 'must be a list of STCP, SHTTP, SUDP, WAPUDP, SSMS and WAPSMS',
      })
      .default(['STCP', 'SHTTP', 'SUDP', 'WAPUDP', 'SSMS', 'WAPSMS'])
      .describe('The channels that may be agreed with a phone that asks for them, as far as they are there.'),
    connections: whole(1, 100_000)
      .default(10_000)
      .describe(
        'TCP connections of phones at a time. Each is an open file: the limit of the process (`ulimit -n`) must be above all that it has.',
      ),
    datagram_networks: z
      .array(network(), { error: () => 'must be a list of IP addresses or networks' })
      .default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10'])
      .describe(
        'Where phones are that our datagrams reach, that is, without address translation or firewall in between: SUDP and WAPUDP are agreed with phones there only. A phone that believes in a channel that does not work stops polling. Everywhere: `[0.0.0.0/0, "::/0"]`.',
      ),
    repeat_seconds: whole(30, 600)
      .default(45)
      .describe('A phone that does not come is woken again after this; later, after twice as long, and so on.'),
    next_channel_seconds: whole(5, 300)
      .default(20)
      .describe('… and over the next channel that was agreed with it after this.'),
    sms_per_number_per_hour: whole(1, 1000)
      .default(20)
      .describe('Wake-ups by short message to one number within an hour, at most.'),
    sms_per_day: whole(0, 100_000).default(5000).describe('… and to all phones within a day.'),
    sms_to_claimed_numbers: yesOrNo()
      .default(false)
      .describe(
        'May they go to a number that a phone only claims to have? Anybody with an account could then have messages sent to somebody else, at your expense: five a day to a number, and five for an account.',
      ),
  },
  'How phones are woken (the CIR channel, docs/cir.md); its listeners are `listen.cir_tcp` and `listen.cir_udp`.',
);
