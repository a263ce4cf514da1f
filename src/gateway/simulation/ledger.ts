// Who sent what to whom, what the senders were told, what was shown where; and what must hold of it in the end. Knows nothing
// of how any of it came about.

import type { Clock } from '../../base/clock.ts';

export interface Sending {
  readonly text: string;
  readonly from: string;
  /** Somebody, or a group. */
  readonly to: string;
  readonly isForGroup: boolean;
  /** Counted per sender and recipient, from 1. */
  readonly number: number;
  /** acknowledged: the sender was told that it is safe. refused: that it is not sent. unknown: nothing. */
  fate: 'unknown' | 'acknowledged' | 'refused';
  /** Its sender had to send it again, with nothing by which anybody could know that it was the same. */
  mayRepeat: boolean;
  /** MessageIDs (or stanza ids) under which it was shown, by device. */
  readonly shown: Map<string, Set<string>>;
  /** Codes of the reports its sender got. */
  readonly reports: number[];
}

export interface Wrong {
  readonly what: string;
  readonly who: readonly string[];
  /** Simulated monotonic ms. */
  readonly at: number;
  /** A word by which the trace knows it. */
  readonly word?: string;
}

export class Ledger {
  readonly #clock: Clock;
  readonly #sendings = new Map<string, Sending>();
  readonly #byId = new Map<string, Sending>();
  readonly #numbers = new Map<string, number>();
  /** First appearances in order, by device. */
  readonly #shown = new Map<string, Sending[]>();
  /** What members of groups are still to be shown, by device. */
  readonly #due = new Map<string, Set<Sending>>();
  /** Until then groups promise nothing: a server or a line was down. */
  #excusedUntil = 0;
  readonly wrongs: Wrong[] = [];
  reportsOfFailure = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get sendings(): readonly Sending[] {
    return [...this.#sendings.values()];
  }

  next(from: string, to: string, { isForGroup = false } = {}): Sending {
    const pair = `${from} to ${to}`;
    const number = (this.#numbers.get(pair) ?? 0) + 1;
    this.#numbers.set(pair, number);
    const text = `${pair} no ${number};`;
    const sending: Sending = {
      ...{ text, from, to, number, isForGroup, fate: 'unknown', mayRepeat: false },
      ...{ shown: new Map(), reports: [] },
    };
    this.#sendings.set(text, sending);
    return sending;
  }

  /** The id that a report will name it by. */
  named(sending: Sending, id: string): void {
    this.#byId.set(id, sending);
  }

  /** Its sender was told that it is safe, and by which id it will be reported. */
  acknowledged(sending: Sending, messageId: string): void {
    sending.fate = 'acknowledged';
    this.named(sending, messageId);
  }

  /** `device`: one phone, whatever sessions it had. */
  shown(who: string, device: string, text: string, id: string): void {
    const sending = this.#sendings.get(text);
    if (!sending || (sending.to !== who && !sending.isForGroup)) {
      this.wrong(`${who} was shown '${text}', which nobody sent them`, [who], text);
      return;
    }
    const ids = sending.shown.get(device) ?? new Set();
    sending.shown.set(device, ids);
    if (ids.size === 0) {
      const shown = this.#shown.get(device) ?? [];
      this.#shown.set(device, shown);
      shown.push(sending);
    }
    ids.add(id);
    this.#due.get(device)?.delete(sending);
  }

  /** These devices were in the group from before it was said until after. */
  due(sending: Sending, devices: Iterable<string>): void {
    if (this.#clock.mono() < this.#excusedUntil) return;
    for (const device of devices) {
      if (sending.shown.has(device)) continue;
      const due = this.#due.get(device) ?? new Set();
      this.#due.set(device, due.add(sending));
    }
  }

  /** The device left its groups, or was turned off: what it had not been shown by then it need not be. */
  excuse(device: string): void {
    this.#due.delete(device);
  }

  /** A server or a line went down: XMPP's rooms are what they are. */
  excuseGroups(): void {
    this.#due.clear();
    this.#excusedUntil = Number.POSITIVE_INFINITY;
  }

  /** All is up again, and groups are whole after this time. */
  calm(inMs: number): void {
    this.#excusedUntil = this.#clock.mono() + inMs;
  }

  reported(who: string, messageId: string, code: number): void {
    const sending = this.#byId.get(messageId);
    // Of a message whose answer got lost the phone does not know the id.
    if (!sending) return;
    if (sending.from !== who) this.wrong(`${who} got a report about a message of ${sending.from}`, [who], sending.text);
    sending.reports.push(code);
    if (code !== 200) this.reportsOfFailure++;
  }

  wrong(what: string, who: readonly string[], word?: string): void {
    this.wrongs.push({ what, who, at: this.#clock.mono(), ...(word !== undefined && { word }) });
  }

  /** Acknowledged, and neither shown nor reported. */
  get missing(): readonly Sending[] {
    return this.sendings.filter(
      ({ fate, shown, reports, isForGroup }) =>
        fate === 'acknowledged' && !isForGroup && shown.size === 0 && reports.every((code) => code === 200),
    );
  }

  /** Looks at everything again. `hasOneDevice`: nobody's messages wait elsewhere while others are shown. */
  judge(hasOneDevice: (who: string) => boolean): void {
    for (const { text, from, to } of this.missing) this.wrong(`lost, though acknowledged: '${text}'`, [from, to], text);
    for (const [device, due] of this.#due)
      for (const { text, from } of due)
        this.wrong(`${device} was in the group and was never shown '${text}'`, [device, from], text);
    for (const { text, from, to, shown, reports, isForGroup } of this.sendings)
      if (!isForGroup && shown.size === 0 && reports.includes(200))
        this.wrong(`reported as delivered, and never shown: '${text}'`, [from, to], text);
    for (const { text, from, to, shown, mayRepeat } of this.sendings)
      for (const [device, ids] of shown)
        if (ids.size > 1 && !mayRepeat)
          this.wrong(`${device} was shown '${text}' more than once, as ${[...ids].join(' and ')}`, [to, from], text);
    for (const [device, shown] of this.#shown) {
      const last = new Map<string, Sending>();
      for (const sending of shown) {
        const { from, to, number, fate, mayRepeat, text } = sending;
        if (fate !== 'acknowledged' || mayRepeat || sending.isForGroup || !hasOneDevice(to) || !hasOneDevice(from))
          continue;
        const before = last.get(from);
        if (before && number < before.number)
          this.wrong(`${device} was shown '${text}' after '${before.text}'`, [from, to], text);
        else last.set(from, sending);
      }
    }
  }
}
