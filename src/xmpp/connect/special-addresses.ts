// Addresses that mean this machine or its cable: nothing that a stranger's DNS should make us speak to.

import { BlockList, isIPv4, isIPv6 } from 'node:net';

const special = new BlockList();
special.addSubnet('0.0.0.0', 8, 'ipv4');
special.addSubnet('127.0.0.0', 8, 'ipv4');
special.addSubnet('169.254.0.0', 16, 'ipv4');
special.addSubnet('224.0.0.0', 3, 'ipv4'); // multicast, reserved, broadcast
special.addAddress('::', 'ipv6');
special.addAddress('::1', 'ipv6');
special.addSubnet('fe80::', 10, 'ipv6');
special.addSubnet('ff00::', 8, 'ipv6');

/** Loopback, link-local, unspecified, multicast. IPv4 inside IPv6 (RFC 4291 §2.5.5.2) counts as what it holds. */
export const isOwnMachine = (address: string): boolean => {
  if (isIPv4(address)) return special.check(address, 'ipv4');
  const [mapped] = /(?<=^::ffff:)\d+\.\d+\.\d+\.\d+$/i.exec(address) ?? [];
  if (mapped !== undefined) return special.check(mapped, 'ipv4');
  return !isIPv6(address) || special.check(address, 'ipv6');
};
