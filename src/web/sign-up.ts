// What the sign-up pages need of the rest: src/app.ts hands it in.

import type { Outcome } from '../base/outcome.ts';

export interface SignUpFault {
  /** Which field of the form to point at. */
  readonly field: 'name' | 'password' | 'form';
  /** One sentence for the person at the form. */
  readonly text: string;
  /** HTTP status: 400 for a wrong field, 403 closed, 409 taken, 429 too many, 503 a server that is away. */
  readonly status: 400 | 401 | 403 | 409 | 429 | 503;
}

export interface SignUp {
  /** Our own domain. */
  readonly domain: string;
  /** May strangers register here? */
  readonly isOpen: boolean;
  /** Domains of other servers whose users may sign in from a phone. */
  readonly backends: readonly string[];
  readonly passwordCharactersMin: number;
  /** Where phones open their wake-up channel; undefined where it is off. Without a host: where they reach us over HTTP. */
  readonly cirTcp: { readonly host: string | undefined; readonly port: number } | undefined;
  /** What phones reach us by; undefined: what the page was opened by. */
  readonly phoneUrl?: string | undefined;
  /** The port for phones that know only old TLS. */
  readonly oldHttpsPort?: number | undefined;
  /** Makes an account `name@domain`; with `phone`, also keeps the password sealed for digest sign-in; `listed`: others may find it. */
  register(form: {
    readonly name: string;
    readonly password: string;
    readonly phone: boolean;
    readonly listed: boolean;
    readonly remote: string;
  }): Promise<Outcome<{ readonly address: string }, SignUpFault>>;
  /** Is the password right? Signs in once, and out again. */
  prove(form: {
    readonly address: string;
    readonly password: string;
    readonly remote: string;
  }): Promise<Outcome<{ readonly address: string }, SignUpFault>>;
  /** Proves `address` by signing in with the password, then keeps it sealed so that the phone's digest can be checked. */
  link(form: {
    readonly address: string;
    readonly password: string;
    readonly remote: string;
  }): Promise<Outcome<{ readonly address: string }, SignUpFault>>;
  /** The reverse of `link`: forgets the sealed password. */
  unlink(form: {
    readonly address: string;
    readonly password: string;
    readonly remote: string;
  }): Promise<Outcome<{ readonly address: string }, SignUpFault>>;
}
