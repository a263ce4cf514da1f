// The settings a person types into the phone, in the words and the order of its menus, and the other ways for them to get there:
// a file, a message.

import { type Html, html } from '../html.ts';
import { families } from '../phones/families.ts';
import type { Family, Field } from '../phones/family.ts';
import { prose } from '../phones/prose.ts';
import type { SignUp } from '../sign-up.ts';
import { page } from './layout.ts';

/** Whose settings, for which phone. */
export interface Asked {
  readonly family: Family;
  /** name@domain; '' when nobody said. */
  readonly address: string;
  /** How this page was reached ("http://chat.example:5280"): unless the operator says otherwise, the phone reaches us so too. */
  readonly origin: string;
  /** Can they be sent as a message? */
  readonly canSend: boolean;
}

export const cspAddress = ({ phoneUrl }: SignUp, origin: string): string => `${phoneUrl ?? origin}/csp`;

/** How the phone wants the user ID; undefined for nobody's. */
export const userIdFor = (
  { domain }: Pick<SignUp, 'domain'>,
  { foreignUserId }: Family,
  address: string,
): string | undefined => {
  if (address === '') return undefined;
  const at = address.lastIndexOf('@');
  if (at < 0 || address.slice(at + 1) === domain) return at < 0 ? address : address.slice(0, at);
  return foreignUserId === 'name@domain' ? address : `wv:${address}`;
};

/** The choice of a family, without script. */
export const familyChoice = (chosen?: string): Html => html`<label for="family">Phone</label>
<select id="family" name="family">${families.map(
  ({ id, name }) =>
    html`<option value="${id}"${id === (chosen ?? 'other') && html` selected="selected"`}>${name}</option>`,
)}</select>`;

/** `note`: how sending it went. */
export const settingsPage = (signUp: SignUp, asked: Asked, note?: Html): string =>
  page(`Settings for ${asked.family.name}`, html`${note}${phoneSettings(signUp, asked)}`);

export const phoneSettings = (signUp: SignUp, asked: Asked): Html => {
  const { family, address, origin } = asked;
  const csp = cspAddress(signUp, origin);
  // Not parsed as a URL: a Host header may look like one that no URL can have.
  const [, protocol, hostname = ''] = /^(https?):\/\/(.*?)(?::\d+)?$/.exec(csp.slice(0, -'/csp'.length)) ?? [];
  const values: Readonly<Record<Field['value'], string>> = {
    address: csp,
    'user ID': userIdFor(signUp, family, address) ?? 'your name',
    password: 'the one of your account',
    'access point': 'any internet one (not WAP-only)',
    'any name': 'onesoup',
  };
  const { cirTcp, oldHttpsPort } = signUp;
  return html`<h2>Type this into the phone</h2>
<p>In its menu: ${prose(family.menu)}.</p>
<dl>
${family.fields.map(({ label, value }) => html`<dt>${label}</dt><dd>${values[value]}</dd>\n`)}
${cirTcp && html`<dt>Wake-up (automatic)</dt><dd>TCP ${cirTcp.host ?? hostname}:${cirTcp.port}</dd>`}
</dl>
${
  isLoopback(hostname) &&
  html`<p class="wrong" role="note"><b>${hostname}</b> is the server's own machine: no phone reaches it by that name. Open this
site by the address that the machine has in the phone's network, and type that instead.</p>`
}
${
  protocol === 'https' &&
  html`<p>Few of these phones know a TLS that is still safe. If the phone cannot connect, type <code>http://</code> in place of
<code>https://</code>.</p>`
}
${
  oldHttpsPort !== undefined &&
  html`<p>If the phone insists on <code>https://</code>: <code>https://${hostname}:${oldHttpsPort}/csp</code>. It keeps out
nobody who means it.</p>`
}
${
  address !== '' &&
  html`<p>If the phone refuses the short user ID, type <code>wv:${address}</code>. In an XMPP app (Conversations, Dino, Gajim,
Monal …) your address is <code>${address}</code>.</p>`
}
${family.provisioning.works !== 'no' && ways(asked)}
<h2>${family.id === 'other' ? 'Good to know' : `About ${family.name}`}</h2>
<ul>${[family.known, `Models: ${family.models}.`, `Wakes up by: ${family.wakesUpBy}.`, ...family.notes].map((note) => html`<li>${prose(note)}</li>\n`)}</ul>
<form method="get" action="/settings"><input type="hidden" name="user" value="${address}"/>
${familyChoice(family.id)}
<button class="other">Another phone</button></form>`;
};

const takes: Readonly<Record<Family['provisioning']['works'], string>> = {
  'by its source': 'By its source it takes',
  probably: 'Probably it takes',
  unknown: 'It may take',
  no: 'It does not take',
};

/** Instead of typing. */
const ways = ({ family, address, canSend }: Asked): Html => {
  const query = address === '' ? '' : `?user=${encodeURIComponent(address)}`;
  const { provisioning, id } = family;
  return html`<h2>Instead of typing</h2>
<p>${takes[provisioning.works]} its settings by message (OMA client provisioning); whether as a file too, trying tells.
${prose(provisioning.note)}</p>
<ul><li><a href="/settings/${id}/onesoup.prov${query}">Open this in the phone's browser</a>, or send the file to it by Bluetooth</li>
<li><a href="/settings/${id}/onesoup.xml${query}">The same as XML</a></li></ul>
<form method="post" action="/settings/${id}">
<label for="user">Address <small>name@domain</small></label>
<input type="text" id="user" name="user" required="required" maxlength="200" autocapitalize="none" autocomplete="username" spellcheck="false" value="${address}"/>
<label for="apn">Access point <small>the operator's APN for the internet; leave it empty if the phone has one</small></label>
<input type="text" id="apn" name="apn" maxlength="100" autocapitalize="none" autocomplete="off" spellcheck="false"/>
<label for="password">Password <small>${canSend && 'to send a message; '}to put it in, tick below; otherwise the phone asks</small></label>
<input type="password" id="password" name="password" maxlength="50" autocomplete="current-password"/>
<label class="tick"><input type="checkbox" name="include" value="yes"/> <span>Put the password in
<small>Whoever sees the file or the message can read it.</small></span></label>
${
  canSend &&
  html`<label for="number">Phone number <small>with its country: +46 700 000 000</small></label>
<input type="text" id="number" name="number" maxlength="30" autocomplete="tel"/>`
}
<button name="as" value="prov" class="other">Save the file</button> <button name="as" value="xml" class="other">… as XML</button>${canSend && html` <button name="as" value="sms">Send a message</button>`}
</form>`;
};

/** /settings without a family. */
export const choicePage = (address: string): string =>
  page(
    'Settings for a phone',
    html`<form method="get" action="/settings"><label for="user">Address <small>name@domain</small></label>
<input type="text" id="user" name="user" maxlength="200" autocapitalize="none" autocomplete="username" spellcheck="false" value="${address}"/>
${familyChoice()}
<button>Show</button></form>`,
  );

const isLoopback = (hostname: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
