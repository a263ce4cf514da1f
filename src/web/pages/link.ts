// /link: for an account that exists (ours or a backend's) and whose phone proves its password by a digest.

import { html } from '../html.ts';
import type { SignUp, SignUpFault } from '../sign-up.ts';
import { page } from './layout.ts';
import { type Asked, familyChoice, phoneSettings } from './settings.ts';

export const linkPage = (signUp: SignUp, address = '', fault?: SignUpFault): string =>
  page(
    'Link an account to a phone',
    html`<p>Many phones never send the password, only a digest of it. To check the digest this server has to know the
password. Linking keeps it here, encrypted, until you unlink. Domains served: ${[signUp.domain, ...signUp.backends].join(', ')}.</p>
${fault && html`<p class="wrong" role="alert">${fault.text}</p>`}
<form method="post" action="/link">
<label for="address">Address <small>name@domain</small></label>
<input type="text" id="address" name="address" required="required" maxlength="200" autocapitalize="none" autocomplete="username" spellcheck="false" value="${address}"/>
<label for="password">Password</label>
<input type="password" id="password" name="password" required="required" maxlength="200" autocomplete="current-password"/>
${familyChoice()}
<button name="do" value="link">Link</button> <button name="do" value="unlink" class="other">Unlink</button>
</form>`,
  );

export const linkedPage = (signUp: SignUp, asked: Asked): string =>
  page(
    'Linked',
    html`<p class="done" role="status"><b>${asked.address}</b> can now sign in from any phone.</p>${phoneSettings(signUp, asked)}`,
  );

export const unlinkedPage = (address: string): string =>
  page('Unlinked', html`<p class="done" role="status">The password of <b>${address}</b> is no longer kept here.</p>`);
