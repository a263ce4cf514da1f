// Web pages and what stands in front of them.

import { z } from 'zod';
import { section } from '../section.ts';
import { network, path, webAddress } from '../values.ts';

export const web = section(
  {
    trusted_proxies: z
      .array(network(), { error: () => 'must be a list of IP addresses or networks' })
      .default([])
      .describe('Proxies in front of `listen.http` whose X-Forwarded-For is believed.'),
    phone_url: webAddress()
      .optional()
      .describe(
        'Where phones reach this server, such as http://chat.example.org: what settings tell them, on pages and in messages, with `/csp` behind it. Without it: what the page was opened by.',
      ),
    number_gateways: z
      .array(network(), { error: () => 'must be a list of IP addresses or networks' })
      .default([])
      .describe(
        "WAP gateways of a mobile operator that tell a phone's number in a header (X-MSISDN and its like) and take away what phones write there themselves. From anywhere else such a header is not read.",
      ),
    admin_token_file: path()
      .optional()
      .describe(
        'A file with a secret of at least 20 characters. With it, `GET /admin/api/presence/ADDRESS` answers whoever shows the secret (`Authorization: Bearer …`), over TLS or from this machine. Without it, there is no admin API.',
      ),
  },
  'The web pages.',
);
