// What a phone can be given beside text: which types, and how much of them. (CSP all versions, "Client capability negotiation")

import type { SessionView } from '../../session-view.ts';
import { largestMessage } from '../common/largest.ts';
import type { PictureType } from './contents.ts';
import { canonical, isText, readMediaType } from './media-type.ts';

export interface Abilities {
  /** Lower-case media type. */
  takes(media: string): boolean;
  /** Octets of a content of the type as it is written to the phone, pushed or fetched. */
  lengthMax(media: string): number;
  /** Pictures it shows, best first. */
  readonly pictures: readonly PictureType[];
  /** Width and height of a picture. */
  readonly pixelsMax: number;
}

/** Octets of a content, whatever the phone says: it waits in memory. */
const contentMax = 700_000;

/** Octets of a message beside its content, with room to spare. */
export const envelope = 2048;

/** Screens of such phones have 352 pixels at most; what their own cameras make fits in here. */
const pixelsMax = 640;
/** Formats of that time, which a phone that takes any content is taken to show. */
const oldPictures: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/gif',
  'image/png',
  'image/bmp',
  'image/vnd.wap.wbmp',
]);
const madeHere: readonly PictureType[] = ['image/jpeg', 'image/png', 'image/gif'];

/** Can it be told of a message and fetch it? */
export const canFetch = ({ personality, features }: SessionView): boolean =>
  !personality.pushOnly && features.has('NOTIF') && features.has('GETM');

export const abilitiesOf = (session: SessionView, pushLength = session.capabilities.pushLength): Abilities => {
  const { capabilities, personality } = session;
  const { anyContent, contentTypes, takesBase64, richLengths, textLength, pullLength } = capabilities;
  const named = new Set(contentTypes.map((type) => canonical(readMediaType(type).media)));
  const isV3 = personality.family === 'motorola';
  const takes = (media: string): boolean => {
    const type = canonical(media);
    // A picture is dozens of short messages.
    if (session.isOnSms) return type === 'text/plain';
    // COMPAT: Android shows ContentData as it stands, whatever its type and encoding say. Test: suite/content.ts.
    if (personality.family === 'android') return type === 'text/plain';
    if (!isText(type) && !takesBase64) return false;
    // COMPAT: the RAZR V3 shows JPEGs and no other picture. (messages/bring.test.ts)
    if (isV3 && type.startsWith('image/')) return type === 'image/jpeg';
    if (named.has(type) || named.has(`${type.split('/')[0]}/*`) || named.has('*/*')) return true;
    return anyContent && (!type.startsWith('image/') || oldPictures.has(type));
  };
  return {
    takes,
    lengthMax: (media) => {
      const type = canonical(media);
      const way = canFetch(session) ? Math.max(pushLength, pullLength) : pushLength;
      const own = isText(type) ? textLength : (richLengths[media] ?? richLengths[type]);
      return Math.max(0, Math.min(way, own ?? way, largestMessage(session) - envelope, contentMax));
    },
    pictures: madeHere.filter(takes),
    // COMPAT: the RAZR V3 shows pictures of 100 by 100 pixels at most. (messages/bring.test.ts)
    pixelsMax: isV3 ? 100 : pixelsMax,
  };
};
