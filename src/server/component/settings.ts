// What is said about a component where the server is configured.

export interface ComponentSettings {
  readonly domain: string;
  readonly secret: string;
  /** As disco#items of the server shows it. */
  readonly name?: string | undefined;
  /** When a second connection proves the secret: it is refused (default), or takes the place of the first. */
  readonly onConflict?: 'refuse' | 'replace';
  /** XEP-0356. Default: none. */
  readonly privileges?: Privileges;
}

/** XEP-0356: what a component may do in the name of the accounts of our domains. */
export interface Privileges {
  readonly roster?: 'none' | 'get' | 'set' | 'both';
  /** Is it told of changes in rosters? Only where it may get them. Default true. */
  readonly rosterPush?: boolean;
  readonly message?: 'none' | 'outgoing';
  /** 'managed_entity': the accounts' own presence. 'roster': their contacts' as well; needs `roster` get or both. */
  readonly presence?: 'none' | 'managed_entity' | 'roster';
  readonly iq?: readonly { readonly namespace: string; readonly type: 'get' | 'set' | 'both' }[];
}
