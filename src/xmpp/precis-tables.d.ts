// Types for the two modules of tr46 (UTS #46) that src/xmpp uses; the package has none of its own.

declare module 'tr46' {
  interface Options {
    checkHyphens?: boolean;
    checkBidi?: boolean;
    checkJoiners?: boolean;
    useSTD3ASCIIRules?: boolean;
    transitionalProcessing?: boolean;
  }
  const tr46: {
    /** null when the domain is not a good one. */
    toASCII(domain: string, options?: Options & { verifyDNSLength?: boolean }): string | null;
    toUnicode(domain: string, options?: Options): { readonly domain: string; readonly error: boolean };
  };
  export default tr46;
}

declare module 'tr46/lib/regexes.js' {
  /** Character tables that JavaScript's own \p{…} lacks: combining class, joining type, bidirectional class. */
  const tables: {
    readonly combiningClassVirama: RegExp;
    /** A zero-width non-joiner between characters that would join (RFC 5892 Appendix A.1, second rule). */
    readonly validZWNJ: RegExp;
    /** Some character of bidirectional class R, AL or AN. */
    readonly bidiDomain: RegExp;
    readonly bidiS1LTR: RegExp;
    readonly bidiS1RTL: RegExp;
    readonly bidiS2: RegExp;
    readonly bidiS3: RegExp;
    readonly bidiS4EN: RegExp;
    readonly bidiS4AN: RegExp;
    readonly bidiS5: RegExp;
    readonly bidiS6: RegExp;
  };
  export default tables;
}
