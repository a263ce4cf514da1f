// The order in which the servers of a domain are tried: RFC 2782, with the records for STARTTLS and those for TLS from the
// first octet as one list (XEP-0368 §3).

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** A host name, '' or '.' when the service is decidedly not offered. */
  readonly target: string;
}

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly isDirectTls: boolean;
}

/** Where a domain's records lead. Undefined: there are none, and the domain itself is the host (RFC 6120 §3.2.2). */
export const serversOf = (
  plain: readonly SrvRecord[],
  direct: readonly SrvRecord[],
  fraction: () => number,
): readonly Server[] | undefined => {
  if (!plain.length && !direct.length) return undefined;
  const offered = [
    ...direct.map((record) => ({ ...record, isDirectTls: true })),
    ...plain.map((record) => ({ ...record, isDirectTls: false })),
  ].filter(({ target }) => target !== '' && target !== '.');
  return inOrder(offered, fraction).map(({ target, port, isDirectTls }) => ({
    host: target.replace(/\.$/, ''),
    port,
    isDirectTls,
  }));
};

/** Lowest priority first; among equals by lot, with chances in proportion to weight (RFC 2782, "Weight"). */
export const inOrder = <Entry extends Pick<SrvRecord, 'priority' | 'weight'>>(
  records: readonly Entry[],
  fraction: () => number,
): readonly Entry[] => {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) => {
    // Those of no weight stand first, so that they have a small chance.
    const left = records.filter((one) => one.priority === priority).sort((a, b) => a.weight - b.weight);
    const drawn: Entry[] = [];
    while (left.length) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      const lot = Math.floor(fraction() * (total + 1));
      let sum = 0;
      const index = left.findIndex(({ weight }) => (sum += weight) >= lot);
      drawn.push(...left.splice(index, 1));
    }
    return drawn;
  });
};
