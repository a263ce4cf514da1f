// Programs that add a domain to this server.

import { z } from 'zod';
import { section } from '../section.ts';
import { domain, oneOf, path, text, yesOrNo } from '../values.ts';

const privileges = section(
  {
    roster: oneOf('none', 'get', 'set', 'both').default('none').describe('May it read and change contact lists?'),
    roster_push: yesOrNo().default(true).describe('Is it told of changes in contact lists that it may read?'),
    message: oneOf('none', 'outgoing').default('none').describe('May it send messages in the name of users?'),
    presence: oneOf('none', 'managed_entity', 'roster')
      .default('none')
      .describe(
        'Whose presence is it shown: that of users (`managed_entity`), or of their contacts too (`roster`, which needs `roster` to be get or both)?',
      ),
    iq: z
      .array(
        z.strictObject({
          namespace: text('the name of an XML namespace', 1000).describe('What it may ask for: an XML namespace.'),
          type: oneOf('get', 'set', 'both').describe('… and how.'),
        }),
        { error: () => 'must be a list of { namespace, type }' },
      )
      .max(100, { error: () => 'must be a list of at most 100 namespaces' })
      .default([])
      .describe('Requests it may send in the name of users.'),
  },
  'What it may do in the name of the users of this server (XEP-0356): all of it is power over every account, so name only what it needs.',
);

export const component = z.strictObject({
  domain: domain().describe('The domain it speaks for, such as irc.home.test.'),
  secret_file: path().describe('A file that holds the secret it connects with, and nothing else.'),
  name: text('a text of at most 200 characters', 200).optional().describe('How clients show it in a list of services.'),
  on_conflict: oneOf('refuse', 'replace')
    .default('refuse')
    .describe('A second connection for the domain is refused, or takes the place of the first.'),
  privileges: privileges.prefault({}),
});
