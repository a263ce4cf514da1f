// Media types (RFC 2045 §5.1) as phones, people's apps and web servers write them.

export interface MediaType {
  /** Lower case, without parameters. */
  readonly media: string;
  readonly charset: string | undefined;
}

export const readMediaType = (text: string): MediaType => {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
  const charset = parameters
    .find((one) => /^charset\s*=/i.test(one))
    ?.replace(/^charset\s*=\s*/i, '')
    .replace(/^"|"$/g, '');
  return { media: type.toLowerCase(), charset: charset || undefined };
};

/** The type with another charset. */
export const withCharset = (type: string, charset: string): string =>
  type
    .split(';')
    .map((part) => part.trim())
    .filter((part) => !/^charset\s*=/i.test(part))
    .concat(`charset=${charset}`)
    .join('; ');

/** Types that have had several names. */
const names: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/x-ms-bmp': 'image/bmp',
  'text/vcard': 'text/x-vcard',
  'text/directory': 'text/x-vcard',
  'text/calendar': 'text/x-vcalendar',
};
/** One name for all names of a type. */
export const canonical = (media: string): string => (Object.hasOwn(names, media) ? (names[media] ?? media) : media);

export const isText = (media: string): boolean => media.startsWith('text/');
export const isPicture = (media: string): boolean => media.startsWith('image/');
export const isCard = (media: string): boolean => /^text\/x-v(card|calendar)$/.test(canonical(media));

const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/bmp': 'bmp',
  'image/webp': 'webp',
  'image/vnd.wap.wbmp': 'wbmp',
  'text/plain': 'txt',
  'text/x-vcard': 'vcf',
  'text/x-vcalendar': 'vcs',
  'audio/amr': 'amr',
  'audio/midi': 'mid',
  'audio/mpeg': 'mp3',
  'video/3gpp': '3gp',
  'video/mp4': 'mp4',
  'application/vnd.wap.mms-message': 'mms',
  'application/pdf': 'pdf',
};
/** By the name apps tell what a link leads to. */
export const fileName = (media: string): string => {
  const kind = /^(image|audio|video)\//.exec(media)?.[1] ?? (isCard(media) ? 'card' : 'file');
  const type = canonical(media);
  const end = Object.hasOwn(extensions, type) ? extensions[type] : 'bin';
  return `${kind === 'image' ? 'picture' : kind}.${end}`;
};

/** What a name or an address ends with tells what it is, when nobody says. */
export const typeByName = (name: string): string | undefined => {
  const [, end = ''] = /\.([A-Za-z0-9]{2,5})$/.exec(name.split(/[?#]/)[0] ?? '') ?? [];
  const sought = end.toLowerCase() === 'jpeg' ? 'jpg' : end.toLowerCase();
  return Object.keys(extensions).find((type) => extensions[type] === sought);
};

/** What octets are by how they begin: pictures are often sent under another's name. */
export const typeByOctets = (octets: Uint8Array): string | undefined => {
  const at = (from: number, text: string): boolean =>
    [...text].every((one, index) => octets[from + index] === one.charCodeAt(0));
  if (octets[0] === 0xff && octets[1] === 0xd8 && octets[2] === 0xff) return 'image/jpeg';
  if (at(0, '\x89PNG\r\n')) return 'image/png';
  if (at(0, 'GIF8')) return 'image/gif';
  if (at(0, 'RIFF') && at(8, 'WEBP')) return 'image/webp';
  return undefined;
};

/** '640 octets', '12 kB', '2.3 MB': for people. */
export const inWords = (octets: number): string =>
  octets < 1000
    ? `${octets} octets`
    : octets < 1_000_000
      ? `${Math.round(octets / 1000)} kB`
      : `${(octets / 1_000_000).toFixed(1)} MB`;
