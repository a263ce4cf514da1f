// By which address a phone reached us, as far as its request tells: wake-up channels it can use are at the same.

/** What an HTTP request says of it, unread: most requests need not know. */
export interface Reached {
  /** The Host header. */
  readonly host: string | undefined;
  readonly scheme: string | undefined;
}

/** The host name in a Host header, without its port. */
export const hostOf = (header: string | undefined): string | undefined => {
  const host = header?.trim().replace(/:\d+$/, '');
  return host && /^[A-Za-z0-9.-]{1,253}$|^\[[0-9a-fA-F:.]+\]$/.test(host) ? host : undefined;
};

/** Where the phone reached us, such as http://imps.example:5280. */
export const originOf = (header: string | undefined, scheme = 'http'): string | undefined => {
  const host = hostOf(header);
  const port = /:(\d{1,5})$/.exec(header?.trim() ?? '')?.[1];
  return host && `${scheme === 'https' ? 'https' : 'http'}://${host}${port === undefined ? '' : `:${port}`}`;
};
