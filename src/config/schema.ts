// Every key of onesoup.yaml: its kind, its default and what it is for, a file for each section. docs/configuration.md is made
// from this (scripts/generate-config-reference.ts). Units are spelt in the keys.

import { z } from 'zod';
import { contradictions } from './contradictions.ts';
import { cir } from './sections/cir.ts';
import { component } from './sections/components.ts';
import { federation } from './sections/federation.ts';
import { gateway } from './sections/gateway.ts';
import { limits } from './sections/limits.ts';
import { listen } from './sections/listen.ts';
import { log } from './sections/log.ts';
import { presence } from './sections/presence.ts';
import { rooms } from './sections/rooms.ts';
import { sms } from './sections/sms.ts';
import { store } from './sections/store.ts';
import { tls } from './sections/tls.ts';
import { uploads } from './sections/uploads.ts';
import { web } from './sections/web.ts';
import { domain, oneOf, path } from './values.ts';

const keys = z.strictObject(
  {
    domain: domain().default('localhost').describe('The XMPP domain, and the domain of `wv:` addresses.'),
    data: path('the path of a directory')
      .default('./data')
      .describe(
        'Where everything is kept: the database, keys, the self-signed certificate. Relative to the configuration file.',
      ),
    listen: listen.prefault({}),
    tls: tls.prefault({}),
    registration: oneOf('open', 'closed')
      .default('open')
      .describe('May strangers make accounts, over XMPP (XEP-0077) and on the web page?'),
    cir: cir.prefault({}),
    gateway: gateway.prefault({}),
    components: z
      .array(component, { error: () => 'must be a list of { domain, secret_file, name, on_conflict, privileges }' })
      .max(100, { error: () => 'must be a list of at most 100 components' })
      .default([])
      .describe('Programs that add a domain to this server, such as gateways to other networks (docs/components.md).'),
    federation: federation.prefault({}),
    rooms: rooms.prefault({}),
    presence: presence.prefault({}),
    store: store.prefault({}),
    sms: sms.prefault({}),
    uploads: uploads.prefault({}),
    web: web.prefault({}),
    limits: limits.prefault({}),
    log: log.prefault({}),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must be keys and values' : undefined) },
);

export const schema = keys.check((context) => {
  for (const { path, message } of contradictions(context.value))
    context.issues.push({ code: 'custom', path: [...path], message, input: context.value });
});

export type Keys = z.output<typeof keys>;
