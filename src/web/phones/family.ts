// What is known of a family of phones, once: the settings page of /register and docs/phones/*.md are both made from it, so that
// they cannot contradict each other. Texts are a little Markdown: `code`, *words of a menu*, [words](where), where a link without
// scheme leads to another page of docs/ and is shown without one on the web.

export interface Family {
  /** In addresses and file names: `nokia-s60`. */
  readonly id: string;
  readonly name: string;
  /** How we know: seen, recorded, from the source, from manuals, or not at all. */
  readonly known: string;
  readonly models: string;
  /** The way through the menus to the settings. */
  readonly menu: string;
  /** What the phone asks for, in its own words and order. */
  readonly fields: readonly Field[];
  /** CSP version, encoding, sign-in. */
  readonly speaks: string;
  readonly wakesUpBy: string;
  /** How an account of another server than ours is written: some phones put `wv:` before it themselves. */
  readonly foreignUserId: 'wv:name@domain' | 'name@domain';
  /** Whether settings can come as a message or a file, and what is known of it. */
  readonly provisioning: { readonly works: 'by its source' | 'probably' | 'unknown' | 'no'; readonly note: string };
  readonly notes: readonly string[];
}

export interface Field {
  /** As the phone's menu has it, in English. */
  readonly label: string;
  readonly value: 'address' | 'user ID' | 'password' | 'access point' | 'any name';
}
