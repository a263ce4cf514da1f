// The value tokens of CSP: strings that content names by the number after EXT_T_0 (1.1 and later), and the attribute
// value tokens of 1.0. Rows as in csp-tags.ts: `token value`, then the versions unless all of 1.1 to 1.3 define it.

/** What EXT_T_0 stands for in CSP 1.1 to 1.3. CSP 1.0 has none. */
export const valueRows = `
  00 AccessType, 01 ActiveUsers, 02 Admin, 03 application/, 04 application/vnd.wap.mms-message,
  05 application/x-sms, 06 AutoJoin, 07 BASE64, 08 Closed, 09 Default, 0A DisplayName, 0B F, 0C G, 0D GR,
  0E http://, 0F https://, 10 image/, 11 Inband, 12 IM, 13 MaxActiveUsers, 14 Mod, 15 Name, 16 None, 17 N, 18 Open,
  19 Outband, 1A PR, 1B Private, 1C PrivateMessaging, 1D PrivilegeLevel, 1E Public, 1F P, 20 Request, 21 Response,
  22 Restricted, 23 ScreenName, 24 Searchable, 25 S, 26 SC, 27 text/, 28 text/plain, 29 text/x-vCalendar,
  2A text/x-vCard, 2B Topic, 2C T, 2D Type, 2E U, 2F US, 30 www.wireless-village.org, 31 AutoDelete 1.2+,
  32 GM 1.2+, 33 Validity 1.2+, 34 DENIED 1.2+, 35 GRANTED 1.2+, 36 PENDING 1.2+, 37 ShowID 1.2+,
  38 RequireInvitation 1.3+, 39 Tiny 1.3+, 3A PPU 1.3+, 3B SPA 1.3+, 3C ANC 1.3+, 3D GROUP_ID, 3E GROUP_NAME,
  3F GROUP_TOPIC, 40 GROUP_USER_ID_JOINED, 41 GROUP_USER_ID_OWNER, 42 HTTP, 43 SMS, 44 STCP, 45 SUDP, 46 USER_ALIAS,
  47 USER_EMAIL_ADDRESS, 48 USER_FIRST_NAME, 49 USER_ID, 4A USER_LAST_NAME, 4B USER_MOBILE_NUMBER,
  4C USER_ONLINE_STATUS, 4D WAPSMS, 4E WAPUDP, 4F WSP, 50 GROUP_USER_ID_AUTOJOIN 1.2+, 51 AND 1.3+, 52 AC 1.3+,
  53 BLC 1.3+, 54 BLUC 1.3+, 55 CLCR 1.3+, 56 CLD 1.3+, 57 GC 1.3+, 58 GD 1.3+, 59 GLC 1.3+, 5A ANU 1.3+, 5B ANGRY,
  5C ANXIOUS, 5D ASHAMED, 5E AUDIO_CALL 1.1-1.2, 5F AVAILABLE, 60 BORED, 61 CALL, 62 CLI, 63 COMPUTER, 64 DISCREET,
  65 EMAIL, 66 EXCITED, 67 HAPPY, 68 AP 1.3+, 68 IM 1.1, 69 IM_OFFLINE 1.1-1.2, 6A IM_ONLINE 1.1-1.2, 6B IN_LOVE,
  6C INVINCIBLE, 6D JEALOUS, 6E MMS, 6F MOBILE_PHONE, 70 NOT_AVAILABLE, 71 OTHER, 72 PDA, 73 SAD, 74 SLEEPY, 75 SMS,
  76 VIDEO_CALL 1.1-1.2, 77 VIDEO_STREAM 1.1-1.2, 78 www.openmobilealliance.org 1.3+, 79 Small 1.3+, 7A Medium 1.3+,
  7B Big 1.3+, 7C Huge 1.3+, 7D Bold 1.3+, 7E Italic 1.3+, 7F Underline 1.3+, 80 Black 1.3+, 81 Silver 1.3+,
  82 Gray 1.3+, 83 White 1.3+, 84 Maroon 1.3+, 85 Red 1.3+, 86 Purple 1.3+, 87 Fuchsia 1.3+, 88 Green 1.3+,
  89 Lime 1.3+, 8A Olive 1.3+, 8B Yellow 1.3+, 8C Navy 1.3+, 8D Blue 1.3+, 8E Teal 1.3+, 8F Aqua 1.3+, 90 ATCL 1.3+,
  91 CLC 1.3+, 93 USER_CITY 1.3+, 94 USER_COUNTRY 1.3+, 95 USER_FRIENDLY_NAME 1.3+, 96 USER_GENDER 1.3+,
  97 USER_INTENTION 1.3+, 98 USER_INTERESTS_HOBBIES 1.3+, 99 USER_MARITAL_STATUS 1.3+, 9A PRIORITYREJECT 1.3+,
  9B PRIORITYSTORE 1.3+, 9C REJECT 1.3+, 9D SENDREJECT 1.3+, 9E SENDSTORE 1.3+, 9F IR 1.3+, A0 EC 1.3+,
  A1 GLUC 1.3+, A2 IA 1.3+, A3 IC 1.3+, A4 SSMS 1.2+, A5 SHTTP 1.2+, A6 DoNotNotify 1.3+, A7 GMAU 1.3+, A8 GMG 1.3+,
  A9 GMR 1.3+, AA GMU 1.3+, AB DETECT 1.3+, AC FORKALL 1.3+, AD OEU 1.3+, AE SERVERLOGIC 1.3+, AF PP_AGE 1.3+,
  B0 PP_CITY 1.3+, B1 PP_COUNTRY 1.3+, B2 PP_FRIENDLY_NAME 1.3+, B3 PP_FREE_TEXT 1.3+, B4 PP_GENDER 1.3+,
  B5 PP_INTENTION 1.3+, B6 PP_INTERESTS 1.3+, B7 PP_MARITAL_STATUS 1.3+, B8 USER_AGE_MAX 1.3+, B9 USER_AGE_MIN 1.3+,
  BA EG 1.3+, BB MinimumAge 1.3+, BC C 1.3+, BD CURRENT_SUBSCRIBER 1.3+, BE FORMER_SUBSCRIBER 1.3+,
  BF PRESENCE_ACCESS 1.3+, C0 R 1.3+
`;

/** Attribute value tokens, published for CSP 1.0 alone and seen from no client: read in attribute lists, never written. */
export const attributeValuePages10: readonly { readonly page: number; readonly rows: string }[] = [
  {
    page: 0,
    rows: `
      85 AccessType, 86 ActiveUsers, 87 Admin, 88 application/, 89 application/vnd.wap.mms-message,
      8A application/x-sms, 8B BASE64, 8C Closed, 8D Default, 8E DisplayName, 8F F, 90 Get, 91 GR, 92 http://,
      93 https://, 94 image/, 95 Inband, 96 IM, 97 MaxActiveUsers, 98 Mod, 99 Name, 9A None, 9B Notify/Get, 9C Open,
      9D Outband, 9E PR, 9F Private, A0 PrivateMessaging, A1 PrivilegeLevel, A2 Public, A3 Push, A4 Request,
      A5 Response, A6 ScreenName, A7 Searchable, A8 Set, A9 SC, AA text/, AB text/plain, AC text/x-vCalendar,
      AD text/x-vCard, AE Topic, AF T, B0 Type, B1 Unset, B2 US, B3 www.wireless-village.org
    `,
  },
  {
    page: 1,
    rows: `
      85 GROUP_ID, 86 GROUP_NAME, 87 GROUP_TOPIC, 88 GROUP_USER_ID_JOINED, 89 HTTP, 8A SMS, 8B STCP, 8C SUDP,
      8D USER_ALIAS, 8E USER_EMAIL_ADDRESS, 8F USER_FIRST_NAME, 90 USER_ID, 91 USER_LAST_NAME,
      92 USER_MOBILE_NUMBER, 93 WAPSMS, 94 WAPUDP, 95 WSP
    `,
  },
  {
    page: 5,
    rows: `
      85 ANGRY, 86 ANXIOUS, 87 ASHAMED, 88 AUDIO_CALL, 89 AVAILABLE, 8A BORED, 8B CALL, 8C CLI, 8D COMPUTER,
      8E DISCREET, 8F EMAIL, 90 EXCITED, 91 HAPPY, 92 IM, 93 IM_OFFLINE, 94 IM_ONLINE, 95 IN_LOVE, 96 INVINCIBLE,
      97 JEALOUS, 98 MMS, 99 MOBILE_PHONE, 9A NOT_AVAILABLE, 9B OTHER, 9C PDA, 9D SAD, 9E SLEEPY, 9F SMS,
      A0 VIDEO_CALL, A1 VIDEO_STREAM
    `,
  },
];
