// The tokens of provisioning documents in binary XML (ProvCont 1.1, "WBXML encoding"): page 0 is that of 1.0, page 1 came with
// the APPLICATION of 1.1. A name that both pages have stands in both tables: it is written on the page that is set.

export const publicId = 0x0b;

export const tags = { document: 0x05, characteristic: 0x06, parm: 0x07 } as const;

/** Attribute starts without a value: the value follows. */
export const starts = { name: 0x05, value: 0x06, version: 0x45, version10: 0x46, type: 0x50 } as const;

type Page = 0 | 1;
export type Tokens = Readonly<Record<Page, ReadonlyMap<string, number>>>;

/** `05 NAME` pairs; a token in front of several names is that of the first, the others follow by one. */
const table = (rows: string): ReadonlyMap<string, number> => {
  const map = new Map<string, number>();
  let next = 0;
  for (const word of rows.trim().split(/\s+/)) {
    if (/^[0-9A-F]{2}$/.test(word)) next = Number.parseInt(word, 16);
    else map.set(word, next++);
  }
  return map;
};

/** `type="…"` of a characteristic. */
export const types: Tokens = {
  0: table(
    '51 PXLOGICAL PXPHYSICAL PORT VALIDITY NAPDEF BOOTSTRAP VENDORCONFIG CLIENTIDENTITY PXAUTHINFO NAPAUTHINFO ACCESS',
  ),
  1: table('53 PORT 58 CLIENTIDENTITY 55 APPLICATION APPADDR APPAUTH 59 RESOURCE'),
};

/** `name="…"` of a parm. */
export const names: Tokens = {
  0: table(`
    07 NAME NAP-ADDRESS NAP-ADDRTYPE CALLTYPE VALIDUNTIL AUTHTYPE AUTHNAME AUTHSECRET LINGER BEARER NAPID COUNTRY NETWORK
    INTERNET PROXY-ID PROXY-PROVIDER-ID DOMAIN PROVURL PXAUTH-TYPE PXAUTH-ID PXAUTH-PW STARTPAGE BASAUTH-ID BASAUTH-PW
    PUSHENABLED PXADDR PXADDRTYPE TO-NAPID PORTNBR SERVICE LINKSPEED DNLINKSPEED LOCAL-ADDR LOCAL-ADDRTYPE CONTEXT-ALLOW TRUST
    MASTER SID SOC WSP-VERSION PHYSICAL-PROXY-ID CLIENT-ID DELIVERY-ERR-SDU DELIVERY-ORDER TRAFFIC-CLASS MAX-SDU-SIZE
    MAX-BITRATE-UPLINK MAX-BITRATE-DNLINK RESIDUAL-BER SDU-ERROR-RATIO TRAFFIC-HANDL-PRIO TRANSFER-DELAY
    GUARANTEED-BITRATE-UPLINK GUARANTEED-BITRATE-DNLINK PXADDR-FQDN PROXY-PW PPGAUTH-TYPE
    47 PULLENABLED DNS-ADDR MAX-NUM-RETRY FIRST-RETRY-TIMEOUT REREG-THRESHOLD T-BIT 4E AUTH-ENTITY SPI`),
  1: table(`
    07 NAME 14 INTERNET 1C STARTPAGE 22 TO-NAPID PORTNBR SERVICE 2E AACCEPT AAUTHDATA AAUTHLEVEL AAUTHNAME AAUTHSECRET
    AAUTHTYPE ADDR ADDRTYPE APPID APROTOCOL PROVIDER-ID TO-PROXY URI RULE`),
};

/** Values that have a token of their own. */
export const values: Tokens = {
  0: table(`
    85 IPV4 IPV6 E164 ALPHA APN SCODE TETRA-ITSI MAN 90 ANALOG-MODEM V.120 V.110 X.31 BIT-TRANSPARENT
    DIRECT-ASYNCHRONOUS-DATA-SERVICE 9A PAP CHAP HTTP-BASIC HTTP-DIGEST WTLS-SS MD5 A2 GSM-USSD GSM-SMS ANSI-136-GUTS
    IS-95-CDMA-SMS IS-95-CDMA-CSD IS-95-CDMA-PACKET ANSI-136-CSD ANSI-136-GPRS GSM-CSD GSM-GPRS AMPS-CDPD PDC-CSD PDC-PACKET
    IDEN-SMS IDEN-CSD IDEN-PACKET FLEX/REFLEX PHS-SMS PHS-CSD TETRA-SDS TETRA-PACKET ANSI-136-GHOST MOBITEX-MPAK
    CDMA2000-1X-SIMPLE-IP CDMA2000-1X-MOBILE-IP C5 AUTOBAUDING CA CL-WSP CO-WSP CL-SEC-WSP CO-SEC-WSP CL-SEC-WTA CO-SEC-WTA
    OTA-HTTP-TO OTA-HTTP-TLS-TO OTA-HTTP-PO OTA-HTTP-TLS-PO E0 AAA HA`),
  1: table('86 IPV6 E164 ALPHA 8D APPSRV OBEX'),
};
