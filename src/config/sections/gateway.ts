// Phones, and the other servers whose users sign in by one.

import { z } from 'zod';
import { section } from '../section.ts';
import { domain, host, network, oneOf, path, webTemplate, whole, yesOrNo } from '../values.ts';

const backend = z.strictObject({
  domain: domain().describe("The XMPP domain whose users may sign in, with their own server's password."),
  host: host().describe('Where that server listens for clients.'),
  port: whole(1, 65_535).default(5222).describe('… and on which port.'),
  tls: oneOf('required', 'optional', 'off', 'direct')
    .default('required')
    .describe(
      '`required`: STARTTLS with a certificate that is valid for the domain. `direct`: the same, TLS from the first octet. `optional`: STARTTLS where it is offered, whatever the certificate. `off`: never.',
    ),
  ca: path('the path of a PEM file')
    .optional()
    .describe('Certificates to trust for this server instead of the public authorities.'),
});

export const gateway = section(
  {
    backends: z
      .array(backend, { error: () => 'must be a list of { domain, host, port, tls, ca }' })
      .max(1000, { error: () => 'must be a list of at most 1000 servers' })
      .default([])
      .describe('XMPP servers, other than our own, whose users may sign in from a phone.'),
    poll_hold_seconds: whole(0, 15)
      .default(8)
      .describe('How long the poll of a phone without wake-up channel is held open for news; 0: not at all.'),
    poll_min_seconds: whole(1, 3600).default(10).describe('The least time between polls that phones are told.'),
    content: section(
      {
        fetch: yesOrNo()
          .default(true)
          .describe(
            'May pictures and files that people send as links be fetched for phones? `false`: phones are shown the links; what was uploaded here they get all the same.',
          ),
        bytes: whole(10_000, 100_000_000).default(8_388_608).describe('The largest file that is fetched for a phone.'),
        files_at_once: whole(3, 1000)
          .default(9)
          .describe(
            'Files that are in memory at a time, each of up to `bytes`. One sender and one host have a third of these places at most.',
          ),
        networks: z
          .array(network(), { error: () => 'must be a list of IP addresses or networks' })
          .max(100, { error: () => 'must be a list of at most 100 networks' })
          .default([])
          .describe(
            'Private networks that links may lead to, such as the one of a backend that keeps uploads. Otherwise only public addresses are fetched from and uploaded to: strangers could have this machine speak to its neighbours.',
          ),
      },
      'Pictures and other contents beside text (docs/pictures.md).',
    ).prefault({}),
    map: webTemplate('latitude', 'longitude')
      .default('https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}')
      .describe('The map that CSP 1.3 phones are sent to when they ask where somebody is. `false`: none is offered.'),
    keep_alive_seconds: section(
      {
        min: whole(180, 86_400).default(300).describe('… at least. Some phones keep no session alive below 180.'),
        max: whole(180, 86_400).default(7200).describe('… at most.'),
      },
      'How long a phone may be silent before its session ends.',
    ).prefault({}),
  },
  'Phones.',
);
