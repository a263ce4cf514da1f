// Who there is in the benchmark, and who is online when: computed, not stored, so that only the view is measured.

/** Pairs are numbered; twenty to a user, none with a contact that another has. */
export const userAt = (i: number): string => `user${Math.floor(i / 20)}@home.example`;
export const contactAt = (i: number): string => {
  const domain = i % 10 === 0 ? 0 : 1 + (i % 999);
  return `some.body${i}@server${domain}.example`;
};
export const numberOf = (contact: string): number => Number(contact.slice('some.body'.length, contact.indexOf('@')));

const mix = (a: number, b: number): number => {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 0x1_0000_0000;
};

/** A third is online at any time, and stays so for some hours; one in sixteen has a second client. */
export const isOnline = (i: number, hour: number): boolean => mix(i, Math.floor((hour + (i % 5)) / 5)) < 0.32;
export const isSecondOnline = (i: number, hour: number): boolean => mix(i + 7, Math.floor((hour + (i % 7)) / 3)) < 0.06;

/** Half the clients make up a new resource each time they come. */
export const resourceOf = (i: number, which: number): string =>
  which === 0 ? `Conversations.${(mix(i, 99) * 1e9).toString(36).slice(0, 4)}` : `gajim.${i % 7919}`;

/** One of fifty clients; one in four away; one in three with a status, mostly the user's own. */
export const payloadOf = (i: number, hour: number): string => {
  const show = mix(i, hour) < 0.25 ? '<show>away</show>' : '';
  const status = i % 3 === 0 ? `<status>${i % 2 ? 'At work' : `Out and about, number ${i} of many`}</status>` : '';
  const ver = (1e15 * mix(i % 50, 3)).toString(36);
  return `${show}${status}<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client${i % 50}.example/' ver='${ver}QgayPKawpkPSDYmwT/WM94u='/>`;
};
