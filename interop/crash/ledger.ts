// Who sent what to whom, what the senders were told, what the recipients were shown; and what must hold of it in the end.

export type Sort = 'phone' | 'xmpp';

export interface Message {
  readonly sender: string;
  readonly recipient: string;
  /** Counted per sender and recipient, from 1. */
  readonly number: number;
  readonly text: string;
  /** The sender was told that it is safe. */
  isAcknowledged: boolean;
  /** Its sender did not get to know, and sent it again. */
  wasRepeated: boolean;
  appearances: number;
  /** Under which it appeared first. */
  id: string | undefined;
}

export class Ledger {
  readonly #sorts: ReadonlyMap<string, Sort>;
  readonly #messages = new Map<string, Message>();
  readonly #sent = new Map<string, number>();
  /** First appearances, in order, by recipient. */
  readonly #shown = new Map<string, Message[]>();
  /** What was wrong as it happened. */
  readonly #wrongs: string[] = [];

  constructor(sorts: ReadonlyMap<string, Sort>) {
    this.#sorts = sorts;
  }

  get messages(): readonly Message[] {
    return [...this.#messages.values()];
  }

  /** The next message of this pair. */
  next(sender: string, recipient: string): Message {
    const pair = `${sender} to ${recipient}`;
    const number = (this.#sent.get(pair) ?? 0) + 1;
    this.#sent.set(pair, number);
    const text = `${pair}: ${number}`;
    const message: Message = {
      ...{ sender, recipient, number, text },
      ...{ isAcknowledged: false, wasRepeated: false, appearances: 0, id: undefined },
    };
    this.#messages.set(text, message);
    return message;
  }

  /** `id`: the stanza's, where it is known. Whoever sees a message twice has to be able to tell by it. */
  shown(recipient: string, sender: string, text: string, id?: string): void {
    const message = this.#messages.get(text);
    if (message?.recipient !== recipient || message.sender !== sender) {
      this.wrong(`${recipient} was shown '${text}' from ${sender}, which nobody sent`);
      return;
    }
    message.appearances++;
    if (message.appearances > 1) {
      if (id !== message.id) this.wrong(`${recipient} was shown '${text}' under ${message.id} and again under ${id}`);
      return;
    }
    message.id = id;
    const shown = this.#shown.get(recipient) ?? [];
    this.#shown.set(recipient, shown);
    shown.push(message);
  }

  wrong(what: string): void {
    this.#wrongs.push(what);
  }

  /** Acknowledged to the sender and not yet seen by the recipient. */
  get missing(): readonly Message[] {
    return this.messages.filter(({ isAcknowledged, appearances }) => isAcknowledged && appearances === 0);
  }

  get unacknowledged(): readonly Message[] {
    return this.messages.filter(({ isAcknowledged }) => !isAcknowledged);
  }

  /** What XMPP clients saw twice, under the same id: a crash may do that. */
  get repeatedToXmpp(): number {
    return this.messages.filter((one) => one.appearances > 1 && this.#sorts.get(one.recipient) === 'xmpp').length;
  }

  /** Every sentence here is a broken promise. */
  verdict(): readonly string[] {
    const lost = this.missing.map(({ text }) => `lost, though acknowledged: ${text}`);
    const twice = this.messages
      .filter((one) => one.appearances > 1 && this.#sorts.get(one.recipient) === 'phone')
      .map((one) => `shown ${one.appearances} times to a phone: ${one.text}${one.wasRepeated ? ' (sent again)' : ''}`);
    return [...this.#wrongs, ...lost, ...twice, ...this.#outOfOrder()];
  }

  /** A sender that had to repeat a message gave up its place: the others keep theirs. */
  #outOfOrder(): string[] {
    const wrongs: string[] = [];
    for (const [recipient, shown] of this.#shown) {
      const last = new Map<string, number>();
      for (const { sender, number, wasRepeated } of shown) {
        if (wasRepeated) continue;
        const before = last.get(sender) ?? 0;
        if (number < before) wrongs.push(`${recipient} was shown ${sender}'s ${number} after ${before}`);
        last.set(sender, Math.max(before, number));
      }
    }
    return wrongs;
  }

  /** Counts by way, such as 'phone→xmpp'. */
  byWay(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { sender, recipient } of this.#messages.values()) {
      const way = `${this.#sorts.get(sender)}→${this.#sorts.get(recipient)}`;
      counts[way] = (counts[way] ?? 0) + 1;
    }
    return counts;
  }
}
