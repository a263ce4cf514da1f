// The settings a person types into the phone, exactly as its menus want them.

import { type Html, html } from '../html.ts';
import type { SignUp } from '../sign-up.ts';

/** `origin`: how this page was reached ("http://chat.example:5280"), since the phone will reach us the same way. */
export const phoneSettings = (signUp: SignUp, address: string, origin: string): Html => {
  const at = address.lastIndexOf('@');
  const name = address.slice(0, at);
  const own = address.slice(at + 1) === signUp.domain;
  return html`<h2>Type this into the phone</h2>
<dl>
<dt>Server address</dt><dd>${origin}/csp</dd>
<dt>User ID</dt><dd>${own ? name : `wv:${address}`}</dd>
<dt>Password</dt><dd>the one you just chose</dd>
<dt>Application</dt><dd>IM / Wireless Village / IMPS</dd>
<dt>Connection</dt><dd>any internet access point (not WAP-only)</dd>
${signUp.cirTcp && html`<dt>Wake-up (automatic)</dt><dd>TCP ${signUp.cirTcp.host}:${signUp.cirTcp.port}</dd>`}
</dl>
<p>If the phone refuses the short user ID, type <code>wv:${address}</code>. In an XMPP app (Conversations, Dino, Gajim,
Monal …) your address is <code>${address}</code>.</p>`;
};
