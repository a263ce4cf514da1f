// The directory of people who want to be found, as its two ends know it: our server, and any client of it.

/**
 * In disco#info of a server: its directory (XEP-0055) takes parts of texts, has the fields below, and tells why it refuses by
 * <too-broad/> or <too-many/>. Also the node of the command (XEP-0050) by which an account is in it or not, and the type of
 * its form, whose one field is `listed`.
 */
export const directoryNs = 'urn:onesoup:directory';

/** Form of a filled-in command, and what is in the answer: see XEP-0050. */
export const commandsNs = 'http://jabber.org/protocol/commands';
