// Who may have a file in memory. There are so many turns; nobody holds more than a share of them, so that a host which says
// nothing, or somebody who sends a hundred links to such hosts, delays nobody else's pictures. What is free goes to those
// whose server, and then who themselves, hold least; among equals to whoever asked first.

/** On whose account a turn is taken; each is counted. */
export interface Claim {
  /** Whom it is for: a bare JID. */
  readonly recipient: string;
  /** Who sent it, and the server or room that lets them send. */
  readonly sender?: string | undefined;
  readonly server?: string | undefined;
  /** Where it is fetched from; undefined: nowhere. */
  readonly host?: string | undefined;
}

export interface Turn {
  /** The host has given what it has: the rest of the turn is not on its account. */
  leaveHost(): void;
}

export interface Turns {
  take<Value>(claim: Claim, work: (turn: Turn) => Promise<Value>): Promise<Value>;
}

type Account = readonly [key: string, max: number];

/** At most `count` at a time: a third of them for one sender or host, two thirds for one recipient or server. */
export const turns = (count: number): Turns => {
  const share = Math.max(1, Math.floor(count / 3));
  const held = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let free = count;

  const of = (key: string | undefined): number => (key === undefined ? 0 : (held.get(key) ?? 0));
  const change = (accounts: readonly Account[], by: number): void => {
    for (const [key] of accounts) {
      const now = of(key) + by;
      if (now === 0) held.delete(key);
      else held.set(key, now);
    }
  };
  const goOn = (): void => {
    while (free > 0) {
      let next: Waiting | undefined;
      for (const one of waiting) {
        if (one.accounts.some(([key, max]) => of(key) >= max)) continue;
        if (!next || weight(one) < weight(next)) next = one;
      }
      if (!next) return;
      waiting.delete(next);
      free--;
      change(next.accounts, 1);
      next.begin();
    }
  };
  /** What its server holds, then what its sender does. */
  const weight = ({ server, sender }: Waiting): number => of(server) * (count + 1) + of(sender);

  return {
    async take({ recipient, sender, server, host }, work) {
      const ofSender = sender === undefined ? undefined : `sender ${sender}`;
      const ofServer = server === undefined ? undefined : `server ${server}`;
      const ofHost: readonly Account[] = host === undefined ? [] : [[`host ${host}`, share]];
      const others: Account[] = [[`recipient ${recipient}`, 2 * share]];
      if (ofSender !== undefined) others.push([ofSender, share]);
      if (ofServer !== undefined) others.push([ofServer, 2 * share]);
      await new Promise<void>((begin) => {
        waiting.add({ accounts: [...others, ...ofHost], sender: ofSender, server: ofServer, begin });
        goOn();
      });
      let isAtHost = true;
      const leaveHost = (): void => {
        if (isAtHost) change(ofHost, -1);
        isAtHost = false;
      };
      const turn: Turn = {
        leaveHost() {
          leaveHost();
          goOn();
        },
      };
      try {
        return await work(turn);
      } finally {
        leaveHost();
        change(others, -1);
        free++;
        goOn();
      }
    },
  };
};

interface Waiting {
  readonly accounts: readonly Account[];
  readonly sender: string | undefined;
  readonly server: string | undefined;
  readonly begin: () => void;
}
