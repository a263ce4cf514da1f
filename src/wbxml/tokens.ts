// Global tokens of WBXML 1.1 to 1.3 (section "Global Tokens"), and the numbers of the header.

export const SWITCH_PAGE = 0x00;
export const END = 0x01;
export const ENTITY = 0x02;
export const STR_I = 0x03;
export const LITERAL = 0x04;
export const EXT_I_0 = 0x40;
export const EXT_I_1 = 0x41;
export const EXT_I_2 = 0x42;
export const PI = 0x43;
export const EXT_T_0 = 0x80;
export const EXT_T_1 = 0x81;
export const EXT_T_2 = 0x82;
export const STR_T = 0x83;
export const EXT_0 = 0xc0;
export const EXT_1 = 0xc1;
export const EXT_2 = 0xc2;
export const OPAQUE = 0xc3;

/** Bits of a tag octet: content follows; an attribute list follows. */
export const WITH_CONTENT = 0x40;
export const WITH_ATTRIBUTES = 0x80;

/** The version octet we write: WBXML 1.3, the only one the Nokia S60 client takes. */
export const WBXML_1_3 = 0x03;

/** IANA MIBenum numbers of the character sets we read; 0 leaves it to the transport, which for CSP means UTF-8. */
export const charsets = { unknown: 0, usAscii: 3, latin1: 4, utf8: 106 } as const;
