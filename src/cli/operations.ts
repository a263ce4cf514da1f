// What the command line may ask for that changes accounts. A running server does it itself, so that it takes effect at once
// (control-server.ts); when none runs, the command does the same over the data directory (offline.ts).

import type { Outcome } from '../base/outcome.ts';
import { digitsOf, registerNumber } from '../gateway/cir/number.ts';
import type { Gateway, SessionOverview } from '../gateway/gateway.ts';
import { sendBySms } from '../provisioning/by-sms.ts';
import { type ImpsSettings, impsDocument } from '../provisioning/imps.ts';
import type { Security } from '../provisioning/push.ts';
import type { Accounts } from '../server/accounts.ts';
import { setListed } from '../server/features/directory/listed.ts';
import type { PresenceReport } from '../server/features/presence/report.ts';
import type { Federation } from '../server/s2s/federation.ts';
import type { FederationReport } from '../server/s2s/report.ts';
import type { Server } from '../server/server.ts';
import type { SmsCarrier } from '../sms/carrier.ts';
import { type Announcement, addAnnouncement, removeAnnouncement } from '../store/announcements.ts';
import type { Store } from '../store/store.ts';
import type { PasswordVault } from '../store/vault.ts';
import { Jid } from '../xmpp/jid.ts';

export interface Operations {
  /** `phone`: also keep the password sealed, for phones that sign in by digest. */
  addUser(user: { readonly address: string; readonly password: string; readonly phone: boolean }): Promise<Done>;
  /** Removes the account and everything kept for it, and ends its sessions. */
  removeUser(user: { readonly address: string }): Promise<Done>;
  /** A password kept for phones is replaced with it; with `phone`, one is kept from now on. */
  setPassword(user: { readonly address: string; readonly password: string; readonly phone: boolean }): Promise<Done>;
  /** Is the account in the directory, where others find it? */
  setListed(user: { readonly address: string; readonly listed: boolean }): Promise<Done>;
  /** The telephone number that the account's phones may be woken at by short message; undefined: forgotten. */
  setNumber(user: { readonly address: string; readonly number?: string | undefined }): Promise<Done>;
  /** What the account's sessions are shown of its contacts; only a running server knows. */
  presence(user: { readonly address: string }): Promise<Outcome<PresenceReport, { readonly text: string }>>;
  /** Links to other servers, or to one; only a running server has any. */
  federation(of: {
    readonly domain?: string | undefined;
  }): Promise<Outcome<FederationReport, { readonly text: string }>>;
  /** Phones that are signed in; only a running server has any. */
  phones(of: {
    readonly address?: string | undefined;
  }): Promise<Outcome<readonly SessionOverview[], { readonly text: string }>>;
  /** Signs an account's phones out; `reason` is for their user. */
  kick(of: {
    readonly address: string;
    readonly reason: string;
  }): Promise<Outcome<{ readonly count: number }, { readonly text: string }>>;
  /** Says something to the users; kept, and heard at once by those who are there. */
  announce(announcement: Announcement): Promise<{ readonly id: string }>;
  withdraw(of: { readonly id: string }): Promise<{ readonly isGone: boolean }>;
  /** Sends settings as a short message; only a running server has a carrier for them. */
  sendSettings(of: SettingsMessage): Promise<Outcome<void, { readonly text: string }>>;
}

/** Settings for a phone, and how it is to prove that they are meant for it. */
export interface SettingsMessage {
  /** International, digits only. */
  readonly number: string;
  readonly settings: ImpsSettings;
  readonly security: Security;
}

/** The fault is one sentence for the operator. */
export type Done = Outcome<{ readonly address: string }, { readonly text: string }>;

export const accountOperations = (parts: {
  readonly server: Pick<Server, 'presence' | 'announce'>;
  readonly accounts: Accounts;
  readonly domain: string;
  readonly store: Store;
  readonly vault: PasswordVault;
  readonly federation?: Federation | undefined;
  readonly gateway?: Pick<Gateway, 'sessions' | 'signOut' | 'announced'> | undefined;
  readonly smsCarrier?: SmsCarrier | undefined;
}): Operations => {
  const { server, accounts, domain, store, vault, federation, gateway, smsCarrier } = parts;
  const refuse = (text: string): { readonly ok: false; readonly fault: { readonly text: string } } => ({
    ok: false,
    fault: { text },
  });
  const words = (reason: string, address: string) =>
    refuse(
      {
        exists: `${address} exists already; change its password with: onesoup user password ${address}`,
        'no-account': `there is no account ${address}`,
        'bad-name': `${address} is not an address of ${domain}, such as mila@${domain}`,
        'bad-password': 'the password is too short, or has characters that no password can have',
      }[reason] ?? reason,
    );
  /** Of this server or of a backend. */
  const anyAddress = (name: string): Outcome<Jid, unknown> =>
    name.includes('@') ? Jid.parse(name.trim()) : Jid.of(name.trim(), domain);
  return {
    async addUser({ address: name, password, phone }) {
      const address = accounts.address(name);
      if (!address.ok) return words(address.fault.reason, name);
      const made = await accounts.create(address.value, password);
      const text = address.value.toString();
      if (!made.ok) return words(made.fault.reason, text);
      if (phone) await vault.keepDevicePassword(text, password);
      return { ok: true, value: { address: text } };
    },
    async removeUser({ address: name }) {
      const address = accounts.address(name);
      if (!address.ok) return words(address.fault.reason, name);
      const removed = await accounts.remove(address.value);
      const text = address.value.toString();
      return removed.ok ? { ok: true, value: { address: text } } : words(removed.fault.reason, text);
    },
    async setPassword({ address: name, password, phone }) {
      const address = accounts.address(name);
      if (!address.ok) return words(address.fault.reason, name);
      const changed = await accounts.setPassword(address.value, password);
      const text = address.value.toString();
      if (!changed.ok) return words(changed.fault.reason, text);
      if (phone || (await store.devicePasswords.get(text))) await vault.keepDevicePassword(text, password);
      return { ok: true, value: { address: text } };
    },
    async setListed({ address: name, listed }) {
      const address = accounts.address(name);
      if (!address.ok) return words(address.fault.reason, name);
      const text = address.value.toString();
      if (!(await accounts.get(address.value))) return words('no-account', text);
      await setListed({ store }, address.value, listed);
      return { ok: true, value: { address: text } };
    },
    async setNumber({ address: name, number }) {
      const address = anyAddress(name);
      if (!address.ok) return words('bad-name', name);
      const text = address.value.bare.toString();
      const own = accounts.address(text);
      if (own.ok && !(await accounts.get(own.value))) return words('no-account', text);
      const digits = number === undefined ? undefined : digitsOf(number);
      if (number !== undefined && digits === undefined)
        return refuse(`${number} is not an international telephone number, such as +46701234567`);
      await registerNumber(store, text, digits);
      return { ok: true, value: { address: text } };
    },
    async presence({ address: name }) {
      const address = accounts.address(name);
      if (!address.ok) return words(address.fault.reason, name);
      const report = await server.presence(address.value);
      return report ? { ok: true, value: report } : words('no-account', address.value.toString());
    },
    async federation({ domain: name }) {
      if (!federation) return refuse('federation.enabled is false: there are no links to other servers');
      const remote = name === undefined ? undefined : Jid.parse(name);
      if (remote?.ok === false) return refuse(`${name} is no domain`);
      return { ok: true, value: federation.report(remote?.value.domain) };
    },
    async announce(announcement) {
      await addAnnouncement(store, announcement);
      gateway?.announced();
      await server.announce();
      return { id: announcement.id };
    },
    async withdraw({ id }) {
      const isGone = await removeAnnouncement(store, id);
      gateway?.announced();
      await server.announce();
      return { isGone };
    },
    async phones({ address: name }) {
      const address = name === undefined ? undefined : anyAddress(name);
      if (address?.ok === false) return refuse(`${name} is no address`);
      const user = address?.value.toString();
      const all = gateway?.sessions() ?? [];
      return { ok: true, value: all.filter((one) => user === undefined || one.user === user) };
    },
    async kick({ address: name, reason }) {
      const address = anyAddress(name);
      if (!address.ok) return refuse(`${name} is no address`);
      return { ok: true, value: { count: gateway?.signOut({ user: address.value.toString() }, reason) ?? 0 } };
    },
    async sendSettings({ number, settings, security }) {
      if (!smsCarrier) return refuse('sms.carrier is none: nobody carries short messages');
      const document = impsDocument(settings);
      if (!document.ok) return refuse(document.fault.text);
      const sent = await sendBySms(smsCarrier, number, document.value, security);
      return sent.ok ? sent : refuse(`the message was not sent: ${sent.fault.text}`);
    },
  };
};
