// Who there is in the benchmark, and who is online when: computed, not stored, so that only the view is measured.

/** Pairs are numbered, twenty to a user. */
export const userAt = (i: number): string => `user${Math.floor(i / 20)}@home.example`;
export const contactAt = (n: number): string => {
  const domain = n % 10 === 0 ? 0 : 1 + (n % 999);
  return `some.body${n}@server${domain}.example`;
};
export const numberOf = (contact: string): number => Number(contact.slice('some.body'.length, contact.indexOf('@')));

const mix = (a: number, b: number): number => {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 0x1_0000_0000;
};

/** A third is online at any time, and stays so for some hours; one in sixteen has a second client. */
export const isOnline = (n: number, hour: number): boolean => mix(n, Math.floor((hour + (n % 5)) / 5)) < 0.32;
export const isSecondOnline = (n: number, hour: number): boolean => mix(n + 7, Math.floor((hour + (n % 7)) / 3)) < 0.06;

/** The first client makes up a new resource each time it comes; the second keeps its own. */
export const resourceOf = (n: number, which: number, hour: number): string =>
  which === 0
    ? `Conversations.${Math.floor(mix(n, 99 + Math.floor((hour + (n % 5)) / 5)) * 36 ** 4).toString(36)}`
    : `gajim.${n % 7919}`;

/** One of fifty clients; one in four away; one in three with a status, mostly the user's own. */
export const payloadOf = (n: number, hour: number): string => {
  const show = mix(n, hour) < 0.25 ? '<show>away</show>' : '';
  const status = n % 3 === 0 ? `<status>${n % 2 ? 'At work' : `Out and about, number ${n} of many`}</status>` : '';
  const ver = (1e15 * mix(n % 50, 3)).toString(36);
  return `${show}${status}<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client${n % 50}.example/' ver='${ver}QgayPKawpkPSDYmwT/WM94u='/>`;
};
