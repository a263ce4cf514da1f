// What a phone sends, as the children of an XMPP message. A text is the body. A file is uploaded first, and the message says
// where it is; it is answered for only then, so that a process that dies in between leaves a request without an answer, which
// the phone repeats, and a file that nobody knows of, which expires.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import { type Element, el } from '../../../xml/element.ts';
import type { SessionView } from '../../session-view.ts';
import { readable } from '../content/card.ts';
import { decode } from '../content/charset.ts';
import { inWords, isCard, readMediaType } from '../content/media-type.ts';
import { type File, linkTo, metadataOf, within } from '../content/shared.ts';
import { upload } from '../content/upload.ts';
import { contentOf } from './content.ts';
import type { KeptMessage } from './kept-message.ts';

/** Octets that may travel within a message (XEP-0231 §1). */
const withinMax = 8192;

export interface Letter {
  readonly children: readonly Element[];
  /** ContentType and ContentSize as reports repeat them. */
  readonly type: string;
  readonly size: number;
}

export interface LetterFault {
  /** A CSP status code. */
  readonly code: number;
  readonly description: string;
}

export const letterOf = async (
  session: SessionView,
  info: StructureOf<'MessageInfo'>,
  data: string | Uint8Array | undefined,
): Promise<Outcome<Letter, LetterFault>> => {
  const content = contentOf(info, data);
  if (!content.ok) return content;
  if (content.value.kind === 'text') {
    const { text } = content.value;
    const children = [el('body', null, text)];
    return good({ children, type: 'text/plain', size: info.ContentSize ?? text.length });
  }
  const { file } = content.value;
  const letter = { type: info.ContentType ?? file.type, size: info.ContentSize ?? file.octets.length };
  const uploaded = await upload(session, file);
  const events = session.contents?.events;
  if (uploaded?.ok) {
    events?.sent('uploaded');
    return good({ children: linkTo(uploaded.value, metadataOf(file), wordsFor(file)), ...letter });
  }
  if (file.octets.length <= withinMax) {
    events?.sent('within');
    return good({ children: within(file, wordsFor(file) || describe(file)), ...letter });
  }
  events?.sent('refused');
  if (uploaded) return bad({ code: uploaded.fault.code, description: uploaded.fault.text });
  return bad({
    code: 415,
    description: `the server has no place for files (XEP-0363), and ${inWords(file.octets.length)} are too much to go without`,
  });
};

/** The letter for a message that is sent on: a file goes as the link that it came as. */
export const letterAgain = async (
  session: SessionView,
  { MessageInfo, ContentData, $file }: KeptMessage,
): Promise<Outcome<Letter, LetterFault>> => {
  if ($file?.url === undefined) return letterOf(session, MessageInfo, ContentData);
  const words = $file.words === $file.url ? '' : $file.words.replace($file.url, '').trim();
  const type = $file.type ?? MessageInfo.ContentType ?? 'application/octet-stream';
  return good({ children: linkTo($file.url, $file, words), type, size: MessageInfo.ContentSize ?? $file.size ?? 0 });
};

/** Cards are readable without an app for them. */
const wordsFor = ({ type, octets }: File): string => {
  const { media, charset } = readMediaType(type);
  return isCard(media) ? readable(decode(octets, charset ?? 'utf-8') ?? '') : '';
};

const describe = ({ type, octets }: File): string => `${readMediaType(type).media}, ${inWords(octets.length)}`;
