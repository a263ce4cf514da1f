// Where the gateway may go for a stranger's link: addresses of the public network, and those the operator names. Everything
// else, from this very machine to its neighbours' printers, is nobody's business who sends links (RFC 6890, RFC 4291).

import { BlockList, isIP } from 'node:net';

const ip4: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** What is not global unicast, and what of it leads to IPv4 or to nowhere. */
const ip6: readonly string[] = ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const isIp6 = isIP(address) === 6;
    list.addSubnet(address, bits === undefined ? (isIp6 ? 128 : 32) : Number(bits), isIp6 ? 'ipv6' : 'ipv4');
  }
  return list;
};

// Apart: to a BlockList an IPv4 address is in ::/96 too.
const closed = { ipv4: listOf(ip4), ipv6: listOf(ip6) };

/** Tells of an address whether it may be connected to. `networks`: private ones that may. */
export const addressGuard = (networks: readonly string[]): ((address: string) => boolean) => {
  const of = (version: number) => listOf(networks.filter((one) => isIP(one.split('/')[0] ?? '') === version));
  const open = { ipv4: of(4), ipv6: of(6) };
  return (address) => {
    // An IPv4 address in IPv6's clothes is what it is.
    const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
    const real = mapped ?? address.split('%')[0] ?? '';
    const kind = isIP(real) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(real) === 0) return false;
    return open[kind].check(real, kind) || !closed[kind].check(real, kind);
  };
};
