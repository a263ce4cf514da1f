// What a Link calls. It exists before the session does: stanzas that come while the sign-in is being finished wait for it.

import type { LinkEnd, LinkReceiver } from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';

export interface InboxOwner {
  arrived(stanza: Stanza): Promise<void>;
  closed(end: LinkEnd, inbox: Inbox): void;
}

export class Inbox implements LinkReceiver {
  readonly #owned: Promise<InboxOwner>;
  #own!: (owner: InboxOwner) => void;
  #end: LinkEnd | undefined;
  #owner: InboxOwner | undefined;

  constructor() {
    this.#owned = new Promise((resolve) => {
      this.#own = resolve;
    });
  }

  own(owner: InboxOwner): void {
    this.#owner = owner;
    this.#own(owner);
    if (this.#end) owner.closed(this.#end, this);
  }

  async stanza(stanza: Stanza): Promise<void> {
    const owner = this.#owner ?? (await this.#owned);
    await owner.arrived(stanza);
  }

  closed(end: LinkEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#owner?.closed(end, this);
  }
}
