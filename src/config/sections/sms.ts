// Short messages.

import { z } from 'zod';
import { section } from '../section.ts';
import { host, httpUrl, network, oneOf, path, telephone, text, whole, yesOrNo } from '../values.ts';

export const sms = section(
  {
    carrier: oneOf('none', 'smpp', 'kannel')
      .default('none')
      .describe(
        'Who carries short messages: an SMSC over SMPP 3.4, Kannel (or a gateway with its HTTP interface), or nobody.',
      ),
    number: telephone()
      .optional()
      .describe(
        'The number our messages come from, and phones send theirs to: international, digits only, or a short code.',
      ),
    messages_per_second: whole(1, 1000).default(10).describe('Short messages given to the carrier, at most.'),
    window: whole(1, 100).default(10).describe('… and those it has not answered yet.'),
    smpp: section(
      {
        host: host().default('localhost').describe('Where the SMSC listens.'),
        port: whole(1, 65_535).default(2775).describe('… and on which port.'),
        tls: yesOrNo().default(false).describe('TLS from the first octet.'),
        ca: path('the path of a PEM file').optional().describe('Authorities to trust for it, beside the public ones.'),
        system_id: text('a text of at most 15 characters', 15).default('onesoup').describe('The name to bind with.'),
        password_file: path().optional().describe('A file that holds the password to bind with, and nothing else.'),
        system_type: text('a text of at most 12 characters', 12)
          .optional()
          .describe('The system type, where the SMSC asks for one.'),
        enquire_link_seconds: whole(5, 3600).default(30).describe('The connection is tried after so long.'),
      },
      'The SMSC, with carrier `smpp`.',
    ).prefault({}),
    kannel: section(
      {
        url: httpUrl('the URL of a sendsms page, such as http://127.0.0.1:13013/cgi-bin/sendsms')
          .default('http://127.0.0.1:13013/cgi-bin/sendsms')
          .describe('The sendsms page.'),
        method: oneOf('get', 'post')
          .default('get')
          .describe('How it is asked: `post` keeps passwords out of its logs.'),
        username: text('a text of at most 100 characters', 100).default('onesoup').describe('The user at Kannel.'),
        password_file: path().optional().describe("A file that holds that user's password, and nothing else."),
        smsc: text('a text of at most 100 characters', 100).optional().describe('The route that Kannel is to use.'),
        incoming_secret_file: path()
          .optional()
          .describe('A file with the secret that Kannel shows when it brings a message to `/sms/incoming`.'),
        incoming_from: z
          .array(network(), { error: () => 'must be a list of IP addresses or networks' })
          .default(['127.0.0.1', '::1'])
          .describe('Where Kannel may come from.'),
      },
      'Kannel, with carrier `kannel`.',
    ).prefault({}),
    data_channel: section(
      {
        enabled: yesOrNo()
          .default(true)
          .describe('May phones sign in and chat by short message, in the plain text syntax (PTS)?'),
        port: whole(1, 65_535).default(3590).describe('The port of their messages; Android has 3590.'),
        messages_per_hour: whole(1, 100_000)
          .default(120)
          .describe('Short messages sent to one number in an hour, at most: each costs somebody money.'),
        received_per_hour: whole(1, 100_000)
          .default(240)
          .describe('Short messages of one number that are looked at in an hour.'),
        presence_seconds: whole(0, 3600)
          .default(60)
          .describe('News of presence are gathered for so long before they are sent; messages go at once.'),
        redeliver_minutes: whole(1, 1440)
          .default(10)
          .describe('What a phone has not acknowledged is sent again after so long.'),
      },
      'Phones on short messages instead of HTTP.',
    ).prefault({}),
  },
  'Short messages (docs/sms.md).',
);
