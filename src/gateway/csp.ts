// The words of src/imps as the gateway uses them, in one place.

export type CspVersion = '1.1' | '1.2' | '1.3';

/** A primitive as data: `name`, then its elements by name. Repeatable elements are arrays, T/F booleans, integers numbers. */
export interface Primitive {
  readonly name: string;
  readonly [element: string]: any;
}
export type PrimitiveOf<Name extends string> = Primitive & { readonly name: Name };

/** ClientID (URL?, MSISDN?), or the plain text that some clients write instead (CSP reference §3.2). */
export type ClientId = { readonly URL?: string; readonly MSISDN?: string } | string;
