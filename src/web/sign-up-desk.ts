// The desk behind the sign-up pages: makes accounts, and keeps or forgets the sealed passwords that phones' digests need.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { networkOf } from '../base/network.ts';
import { bad, good, type Outcome } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';
import { Window } from '../base/window.ts';
import type { AccountFault, Accounts } from '../server/accounts.ts';
import type { PasswordVault } from '../store/vault.ts';
import { Jid } from '../xmpp/jid.ts';
import type { LinkFault, LinkProvider } from '../xmpp/link.ts';
import type { SignUp, SignUpFault } from './sign-up.ts';

export interface DeskOptions {
  readonly domain: string;
  readonly isOpen: boolean;
  readonly cirTcp: SignUp['cirTcp'];
  readonly phoneUrl?: SignUp['phoneUrl'];
  readonly oldHttpsPort?: SignUp['oldHttpsPort'];
  readonly accounts: Accounts;
  readonly vault: PasswordVault;
  /** Puts an account into the directory, where others find it. */
  readonly list: (account: Jid) => Promise<void>;
  /** Of our own domain and of the backends. */
  readonly providers: readonly LinkProvider[];
  readonly registrationsPerHour: number;
  readonly passwordCharactersMin: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const hourMs = 3_600_000;
/** Wrong passwords on /link from one address within an hour: people mistype, guessers need more. */
const wrongLinksPerHour = 20;
/** Passwords from one address that are looked at at the same time: those are not counted as wrong yet. */
const linksAtOnce = 3;

const registerFaults: Readonly<Record<AccountFault['reason'], (min: number) => SignUpFault>> = {
  exists: () => ({ field: 'name', text: 'That name is taken. Choose another.', status: 409 }),
  'bad-name': () => ({
    field: 'name',
    text: 'That cannot be a name here. Use letters and digits, without spaces or @.',
    status: 400,
  }),
  'bad-password': (min) => ({
    field: 'password',
    text: `The password needs at least ${min} characters, and no control characters.`,
    status: 400,
  }),
  'no-account': () => ({ field: 'name', text: 'There is no such account.', status: 400 }),
};

const linkFaults: Readonly<Record<LinkFault['reason'], SignUpFault>> = {
  'not-authorized': { field: 'password', text: 'The address or the password is wrong.', status: 401 },
  'account-disabled': { field: 'form', text: 'That account is disabled.', status: 403 },
  'credentials-needed': { field: 'password', text: 'The password is missing.', status: 400 },
  'no-common-mechanism': { field: 'form', text: 'That server takes no password that we can send safely.', status: 503 },
  'tls-required': { field: 'form', text: 'That server offers no encryption that can be trusted.', status: 503 },
  unreachable: { field: 'form', text: 'That server cannot be reached now. Try again later.', status: 503 },
  refused: { field: 'form', text: 'That server refused the sign-in.', status: 503 },
};

export const signUpDesk = (options: DeskOptions): SignUp => {
  const { domain, accounts, vault, log, clock } = options;
  const registrations = new Window(clock, options.registrationsPerHour, hourMs);
  const wrongLinks = new Window(clock, wrongLinksPerHour, hourMs);
  const trying = new Map<string, number>();
  const providers = new Map(options.providers.map((provider) => [provider.domain, provider]));

  /** Signs in once, and out again, to see that the password is right. */
  const prove = async (form: {
    readonly address: string;
    readonly password: string;
    readonly remote: string;
  }): Promise<Outcome<string, SignUpFault>> => {
    const parsed = Jid.parse(form.address.replace(/^wv:/i, ''));
    if (!parsed.ok || parsed.value.local === undefined || !parsed.value.isBare)
      return bad({ field: 'form', text: 'Write the address as name@domain.', status: 400 });
    const provider = providers.get(parsed.value.domain);
    if (!provider)
      return bad({ field: 'form', text: `Phones cannot sign in to ${parsed.value.domain} here.`, status: 400 });
    const network = networkOf(form.remote);
    const others = trying.get(network) ?? 0;
    if (others >= linksAtOnce)
      return bad({
        field: 'form',
        text: 'Too many tries at once from your address. Try again in a moment.',
        status: 429,
      });
    if (wrongLinks.isFull(network))
      return bad({ field: 'form', text: 'Too many wrong tries from your address. Wait an hour.', status: 429 });
    const resource = `onesoup-link-${options.random.id(8)}`;
    trying.set(network, others + 1);
    const opened = await provider
      .open(
        { account: parsed.value, resource, credentials: { kind: 'password', password: form.password } },
        { stanza() {}, closed() {} },
      )
      .finally(() => {
        const left = (trying.get(network) ?? 1) - 1;
        if (left > 0) trying.set(network, left);
        else trying.delete(network);
      });
    if (!opened.ok) {
      if (opened.fault.reason === 'not-authorized') wrongLinks.admits(network);
      log.info(
        { account: parsed.value.toString(), remote: form.remote, reason: opened.fault.reason },
        'linking refused',
      );
      return bad(linkFaults[opened.fault.reason]);
    }
    await opened.value.close();
    return good(parsed.value.toString());
  };

  return {
    domain,
    isOpen: options.isOpen,
    backends: [...providers.keys()].filter((other) => other !== domain),
    cirTcp: options.cirTcp,
    phoneUrl: options.phoneUrl,
    oldHttpsPort: options.oldHttpsPort,
    passwordCharactersMin: options.passwordCharactersMin,
    async register({ name, password, phone, listed, remote }) {
      const address = accounts.address(name);
      if (!address.ok) return bad(registerFaults[address.fault.reason](options.passwordCharactersMin));
      if (!registrations.admits(networkOf(remote)))
        return bad({
          field: 'form',
          text: 'Too many accounts were made from your address. Wait an hour.',
          status: 429,
        });
      const made = await accounts.create(address.value, password);
      if (!made.ok) return bad(registerFaults[made.fault.reason](options.passwordCharactersMin));
      const account = made.value.address;
      if (phone) await vault.keepDevicePassword(account, password);
      if (listed) await options.list(address.value);
      log.info({ account, remote, phone }, 'account registered');
      return good({ address: account });
    },
    async prove(form) {
      const proven = await prove(form);
      return proven.ok ? good({ address: proven.value }) : proven;
    },
    async link(form) {
      const proven = await prove(form);
      if (!proven.ok) return proven;
      await vault.keepDevicePassword(proven.value, form.password);
      log.info({ account: proven.value, remote: form.remote }, 'account linked to a phone');
      return good({ address: proven.value });
    },
    async unlink(form) {
      const proven = await prove(form);
      if (!proven.ok) return proven;
      await vault.forgetDevicePassword(proven.value);
      log.info({ account: proven.value, remote: form.remote }, 'account unlinked');
      return good({ address: proven.value });
    },
  };
};
