// The telephone number of whoever calls, which an operator's WAP gateway or proxy adds to requests. Anybody can write such a
// header, and a common web proxy passes it on: it is believed from the gateways of `web.number_gateways` only, and from all
// others it is as if it were not there.

import { BlockList, isIP } from 'node:net';

/** What gateways call it. */
const names = [
  'x-msisdn',
  'msisdn',
  'x-network-msisdn',
  'x-up-calling-line-id',
  'x-wap-network-client-msisdn',
  'x-nokia-msisdn',
];

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export type Believes = (address: string) => boolean;

const nobody: Believes = () => false;

/** Whether an address is that of such a gateway. `gateways`: addresses, or networks as 10.0.0.0/8. */
export const believing = (gateways: readonly string[]): Believes => {
  if (gateways.length === 0) return nobody;
  const list = new BlockList();
  for (const gateway of gateways) {
    const [address = '', bits] = gateway.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, '');
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
};

/** Does anything stand there? Of most phones nothing does. */
export const namesCaller = (headers: Headers): boolean => {
  for (const name of names) if (headers[name] !== undefined) return true;
  return false;
};

/** International, digits only; undefined without one that can be believed. `hops`: where the request came through. */
export const callerOf = (headers: Headers, hops: readonly string[], believes: Believes): string | undefined => {
  for (const name of names) {
    const value = headers[name];
    if (value === undefined) continue;
    const digits = (typeof value === 'string' ? value : (value[0] ?? ''))
      .replace(/^tel:/i, '')
      .replace(/[\s+()-]/g, '');
    if (/^[1-9]\d{5,14}$/.test(digits)) return hops.some(believes) ? digits : undefined;
  }
  return undefined;
};

/** Without the headers that only such a gateway may set. */
export const withoutCaller = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
