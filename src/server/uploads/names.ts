// What a file may be called, and what it may be said to be, in a URL and in HTTP headers.

export const ns = {
  upload: 'urn:xmpp:http:upload:0',
  info: 'http://jabber.org/protocol/disco#info',
  items: 'http://jabber.org/protocol/disco#items',
  data: 'jabber:x:data',
  ping: 'urn:xmpp:ping',
} as const;

const nameMax = 200;

/** The last part of a path, without characters that mean something to a file system, a terminal or a header. */
export const plainName = (name: string): string => {
  const last = name.toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const plain = last.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069"<>|:*?]/g, '').slice(-nameMax);
  return /^\.*$/.test(plain) ? 'file' : plain.toWellFormed();
};

export const unknownType = 'application/octet-stream';

/** A media type as a header may carry it (RFC 9110 §8.3.1), in lower case but for its parameters. */
export const plainType = (type: string | undefined): string => {
  const [, media = '', rest = ''] = /^\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(;[\x20-\x7e]*)?$/.exec(type ?? '') ?? [];
  return media === '' || type === undefined || type.length > 200 ? unknownType : media.toLowerCase() + rest.trimEnd();
};

/** Types that a browser shows and that cannot hold script. All others are offered for download. */
const shown = /^(image\/(jpeg|png|gif|webp|avif|heic|heif|bmp|vnd\.wap\.wbmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

/** Content-Disposition (RFC 6266). */
export const disposition = (name: string, type: string): string => {
  const kind = shown.test(type.split(';')[0] ?? '') ? 'inline' : 'attachment';
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encodeName(name)}`;
};

/** encodeURIComponent leaves characters that RFC 8187 has no place for. */
export const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/['()*!]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
