import { html } from '../html.ts';
import type { SignUp } from '../sign-up.ts';
import { page } from './layout.ts';
import { cspAddress } from './settings.ts';

export const homePage = (signUp: SignUp, origin: string): string =>
  page(
    signUp.domain,
    html`<p>This server lets the instant-messaging client of old phones (OMA IMPS, “Wireless Village”) talk to today's open
chat network, XMPP.</p>
<ul>
${signUp.isOpen && html`<li><a href="/register">Sign up</a> for an account</li>`}
<li><a href="/link">Link an account</a> you have to a phone</li>
<li><a href="/settings">Settings</a> for your phone</li>
</ul>
<dl><dt>Phones</dt><dd>${cspAddress(signUp, origin)}</dd><dt>XMPP apps</dt><dd>name@${signUp.domain}</dd></dl>`,
  );
