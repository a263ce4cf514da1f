// Proves a password to the user's server: whoever can open the Link is who he says.

import { bad, type Outcome } from '../../base/outcome.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Link, LinkFault, LinkProvider } from '../../xmpp/link.ts';
import type { Host } from '../host.ts';
import { Inbox } from '../session/inbox.ts';

export interface Opened {
  readonly link: Link;
  readonly inbox: Inbox;
  /** As it was accepted. */
  readonly password: string;
}

/** Nokia S60 gives a sign-in up after 40 s, Android after 45 s. */
const timeoutMs = 30_000;

/** Tries the password as written and, when that differs, without blanks around it: keypads add them unseen. */
export const openLink = async (
  host: Host,
  provider: LinkProvider,
  wished: { readonly account: Jid; readonly resource: string; readonly password: string },
): Promise<Outcome<Opened, LinkFault>> => {
  const { account, resource } = wished;
  let last: Outcome<Opened, LinkFault> = bad({ reason: 'not-authorized', text: 'empty password' });
  for (const password of new Set([wished.password, wished.password.trim()])) {
    if (password === '') continue;
    const inbox = new Inbox();
    const request = { account, resource, credentials: { kind: 'password', password } } as const;
    const opened = await inTime(host, provider.open(request, inbox));
    if (opened.ok) return { ok: true, value: { link: opened.value, inbox, password } };
    last = opened;
    if (opened.fault.reason !== 'not-authorized') break;
  }
  return last;
};

const inTime = (host: Host, opening: Promise<Outcome<Link, LinkFault>>): Promise<Outcome<Link, LinkFault>> =>
  new Promise((resolve, reject) => {
    let isLate = false;
    const timer = host.clock.after(timeoutMs, () => {
      isLate = true;
      resolve(bad({ reason: 'unreachable', text: 'timed out' }));
    });
    opening.then(
      (opened) => {
        timer[Symbol.dispose]();
        // Nobody waits for it any more.
        if (isLate && opened.ok) void opened.value.close();
        resolve(opened);
      },
      (cause: unknown) => {
        timer[Symbol.dispose]();
        reject(cause);
      },
    );
  });
