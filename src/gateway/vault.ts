// What the gateway asks of the vault: sealed passwords. It never sees a key.

export interface Vault {
  /** The password kept for the digest schemes of the account's phones; undefined when there is none. */
  devicePassword(account: string): Promise<string | undefined>;
  /** Seals a backend password so that only this SessionID together with the server's key opens it. */
  sealForSession(sessionId: string, password: string): Uint8Array;
  /** Undefined when it does not open: another SessionID, or the key is gone. */
  openForSession(sessionId: string, sealed: Uint8Array): string | undefined;
}
