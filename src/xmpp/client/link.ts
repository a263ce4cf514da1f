// Links to a server that is not ours: a real client stream per user (RFC 6120).

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { bad } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { LinkProvider } from '../link.ts';
import { XmppClient } from './client.ts';
import type { ClientLimits, ServerAddress } from './options.ts';

export interface C2sLinkOptions {
  readonly server: ServerAddress;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: Partial<ClientLimits>;
}

export const c2sLinks = (options: C2sLinkOptions): LinkProvider => ({
  domain: options.server.domain,
  async open({ account, resource, credentials, resume }, receiver) {
    if (credentials.kind !== 'password')
      return bad({ reason: 'credentials-needed', text: 'another server takes nothing but the password' });
    const { password } = credentials;
    return XmppClient.open({ ...options, account, resource, password, ...(resume && { resume }) }, receiver);
  },
});
