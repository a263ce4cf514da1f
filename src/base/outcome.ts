/** The answer of anything a peer can get wrong: refusals are values, not exceptions. */
export type Outcome<Value, Fault> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: Fault };

export const good = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({ ok: true, value });
export const bad = <Fault>(fault: Fault): { readonly ok: false; readonly fault: Fault } => ({ ok: false, fault });
