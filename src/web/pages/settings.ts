// The settings a person types into the phone, exactly as its menus want them.

import { type Html, html } from '../html.ts';
import type { SignUp } from '../sign-up.ts';

/** `origin`: how this page was reached ("http://chat.example:5280"), since the phone will reach us the same way. */
export const phoneSettings = (signUp: SignUp, address: string, origin: string): Html => {
  const at = address.lastIndexOf('@');
  const name = address.slice(0, at);
  const own = address.slice(at + 1) === signUp.domain;
  // Not parsed as a URL: a Host header may look like one that no URL can have.
  const [, protocol, hostname = ''] = /^(https?):\/\/(.*?)(?::\d+)?$/.exec(origin) ?? [];
  return html`<h2>Type this into the phone</h2>
<dl>
<dt>Server address</dt><dd>${origin}/csp</dd>
<dt>User ID</dt><dd>${own ? name : `wv:${address}`}</dd>
<dt>Password</dt><dd>the one you just chose</dd>
<dt>Application</dt><dd>IM / Wireless Village / IMPS</dd>
<dt>Connection</dt><dd>any internet access point (not WAP-only)</dd>
${signUp.cirTcp && html`<dt>Wake-up (automatic)</dt><dd>TCP ${signUp.cirTcp.host ?? hostname}:${signUp.cirTcp.port}</dd>`}
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
<p>If the phone refuses the short user ID, type <code>wv:${address}</code>. In an XMPP app (Conversations, Dino, Gajim,
Monal …) your address is <code>${address}</code>.</p>`;
};

const isLoopback = (hostname: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
