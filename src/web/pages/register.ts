// /register: choose a name and a password, tick "I sign in from a phone", read the settings to type in.

import { type Html, html } from '../html.ts';
import type { SignUp, SignUpFault } from '../sign-up.ts';
import { page } from './layout.ts';
import { type Asked, familyChoice, phoneSettings } from './settings.ts';

export interface RegisterForm {
  readonly name: string;
  readonly phone: boolean;
  readonly listed: boolean;
  /** Its id. */
  readonly family: string;
}

/** The empty form, or the form as it was sent with what is wrong with it. */
export const registerPage = (signUp: SignUp, form?: RegisterForm, fault?: SignUpFault): string => {
  if (!signUp.isOpen)
    return page(
      'Sign up',
      html`<p>This server is not open to new accounts. Ask whoever runs ${signUp.domain} for one.</p>${linkHint(signUp)}`,
    );
  return page(
    'Sign up',
    html`<p>An account on <b>${signUp.domain}</b> for an old phone, a new app, or both.</p>
${fault && html`<p class="wrong" role="alert">${fault.text}</p>`}
<form method="post" action="/register">
<label for="name">Name <small>small letters, digits, dot, dash; it becomes name@${signUp.domain}</small></label>
<input type="text" id="name" name="name" required="required" maxlength="50" autocapitalize="none" autocomplete="username" spellcheck="false" value="${form?.name ?? ''}"${wrong(fault, 'name')}/>
<label for="password">Password <small>at least ${signUp.passwordCharactersMin} characters; for a phone keep to letters and digits it can type</small></label>
<input type="password" id="password" name="password" required="required" minlength="${signUp.passwordCharactersMin}" maxlength="50" autocomplete="new-password"${wrong(fault, 'password')}/>
<label for="again">Password again</label>
<input type="password" id="again" name="again" required="required" maxlength="50" autocomplete="new-password"/>
<label class="tick"><input type="checkbox" name="phone" value="yes"${(form?.phone ?? true) && html` checked="checked"`}/>
<span>I sign in from a phone <small>Most phones prove the password by a digest, for which the server must know it. It is kept
encrypted. Without the tick only apps, and phones that send the password itself, can sign in.</small></span></label>
${familyChoice(form?.family)}
<label class="tick"><input type="checkbox" name="listed" value="yes"${(form?.listed ?? false) && html` checked="checked"`}/>
<span>Others may find me <small>People with an account here find you by your name, and by what you put on your card. Your
telephone number and e-mail address are not shown.</small></span></label>
<button>Sign up</button>
</form>${linkHint(signUp)}`,
  );
};

const wrong = (fault: SignUpFault | undefined, field: SignUpFault['field']): Html | false =>
  fault?.field === field && html` aria-invalid="true" autofocus="autofocus"`;

const linkHint = (signUp: SignUp): Html | false =>
  signUp.backends.length > 0 &&
  html`<h2>You have an account already?</h2><p>Phones may also sign in to ${signUp.backends.join(', ')}.
<a href="/link">Link your account</a> if the phone says that the password is wrong although it is right.</p>`;

export const registeredPage = (signUp: SignUp, asked: Asked, phone: boolean): string =>
  page(
    'Welcome',
    html`<p class="done" role="status">Your address is <b>${asked.address}</b>.</p>
${phone ? phoneSettings(signUp, asked) : html`<p>Sign in with any XMPP app. To use a phone later, <a href="/link">link the account</a> first.</p>`}`,
  );
