// A phone: our CSP client over real sockets, being one of several kinds of handset.

import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type ClientOptions, CspClient } from '../../src/imps/client/client.ts';
import { httpPost, tcpCir, udpCir } from '../../src/imps/client/node.ts';
import type { Personality } from '../../src/imps/client/personality.ts';
import { digestBytes } from '../../src/imps/digest.ts';

export type PhoneOptions = {
  readonly user: string;
  readonly password: string;
  readonly personality: Personality;
  readonly cir?: 'tcp' | 'udp' | 'none';
  readonly trace?: ClientOptions['trace'];
  readonly clientId?: ClientOptions['clientId'];
};

export type Phone = CspClient & Disposable;

/** Not signed in yet. Disposing drops it as a phone whose battery was taken out. */
export const makePhone = (csp: string, options: PhoneOptions): Phone => {
  const { user, password, personality, cir = 'tcp', trace, clientId } = options;
  const post = httpPost(csp, { headers: { 'User-Agent': personality.userAgent } });
  const client = new CspClient({
    post,
    clock: systemClock,
    random: systemRandom,
    user,
    password,
    personality,
    digest: digestBytes,
    ...(cir === 'tcp' && { cir: { tcp: tcpCir() } }),
    ...(cir === 'udp' && { cir: { udp: udpCir() } }),
    pollSeconds: 1,
    trace,
    clientId,
  });
  return Object.assign(client, {
    [Symbol.dispose]: () => {
      client.drop();
      post[Symbol.dispose]();
    },
  });
};
