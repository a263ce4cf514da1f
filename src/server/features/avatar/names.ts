// Names of XEP-0084 and XEP-0153, and an image's id.

import { createHash } from 'node:crypto';

export const dataNs = 'urn:xmpp:avatar:data';
export const metadataNs = 'urn:xmpp:avatar:metadata';
export const updateNs = 'vcard-temp:x:update';

/** XEP-0084 §4.2.1: the SHA-1 of the octets, in hexadecimal. */
export const imageId = (image: Uint8Array): string => createHash('sha1').update(image).digest('hex');
