// A message wakes the phone, by every method of the CIR channel that its version has. The phone never polls by itself.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../../base/random.ts';
import { tcpCir, udpCir } from '../../imps/client/node.ts';
import type { CirListener } from '../../imps/client/transport.ts';
import { fromSeptets, unpackSeptets } from '../../sms/gsm7.ts';
import { type Method, methods } from '../cir/method.ts';
import { Ear } from '../cir/testing/ends.ts';
import { pushPort, readWspPush } from '../cir/wsp-push.ts';
import type { Gateway } from '../gateway.ts';
import type { Cast } from './cast.ts';
import { Handset, type Ways } from './world.ts';

export const cirConversations = (cast: Cast): void => {
  const { kind, isContent } = cast;
  // 1.1 has neither SHTTP nor SSMS, and Nokia S60 knows neither in any version.
  const isThere = (method: Method): boolean =>
    (kind.version !== '1.1' && !kind.name.startsWith('Nokia')) || (method !== 'SHTTP' && method !== 'SSMS');

  for (const method of methods.filter(isThere)) {
    // Phones on a network of their own are played by the addresses of 127.0.0.0/8, which only Linux has all.
    const skip = method === 'WAPUDP' && process.platform !== 'linux';
    test(`a message wakes the phone: ${method}`, { skip }, async () => {
      const { world } = cast;
      await listening(world.gateway);
      const [milaJid, tomasJid] = [await world.someone('mila'), await world.someone('tomas')];
      const tomas = await world.friend(tomasJid);
      const { ways, close } = await waysOf(method, cast);
      try {
        const mila = new Handset(world, milaJid, kind, ways);
        await mila.csp.signIn('PWD');
        await mila.csp.negotiate();
        assert.deepEqual(mila.csp.cirMethods, [method]);
        for (const text of ['väckning', 'och en till']) {
          await tomas.sends(`<message to='${milaJid}' type='chat' id='${text.length}'><body>${text}</body></message>`);
          await world.until(`'${text}' at the phone`, async () => {
            if (method === 'SHTTP') await mila.csp.askCir();
            await new Promise((resolve) => setImmediate(resolve));
            const at = mila.arrived.findIndex((one) => one.name === 'NewMessage' && one.ContentData === text);
            return at < 0 ? undefined : mila.arrived.splice(at, 1);
          });
        }
        isContent(mila);
        await mila.csp.signOut();
      } finally {
        close();
      }
    });
  }
};

const opened = new WeakMap<Gateway, Promise<unknown>>();
/** Its listeners, opened when first wanted. */
const listening = (gateway: Gateway): Promise<unknown> => {
  const known = opened.get(gateway);
  if (known) return known;
  const open = Promise.all([
    gateway.listenCirTcp({ host: '127.0.0.1', port: 0 }),
    gateway.listenCirUdp({ host: '0.0.0.0', port: 0 }),
  ]);
  opened.set(gateway, open);
  return open;
};

/** What a phone has that is woken by that method alone. */
const waysOf = async (
  method: Method,
  { world }: Cast,
): Promise<{ readonly ways: Ways; readonly close: () => void }> => {
  const nothing = (): void => {};
  switch (method) {
    case 'STCP':
      return { ways: { cir: { tcp: tcpCir('127.0.0.1') } }, close: nothing };
    case 'SUDP':
      return { ways: { cir: { udp: udpCir() } }, close: nothing };
    case 'SHTTP': {
      const statuses = { poll: 200, nothing: 204, unknown: 404 } as const;
      const get = async (url: string): Promise<number> => {
        const token = /^http:\/\/imps\.example\/cir\/(\w+)$/.exec(url)?.[1] ?? '';
        return statuses[world.gateway.cirAsked(token)];
      };
      return { ways: { cir: { get } }, close: nothing };
    }
    case 'WAPUDP': {
      const remoteAddress = `127.${some()}.${some()}.${some()}`;
      const ear = await Ear.open(remoteAddress, pushPort);
      const listen = async (listener: CirListener): Promise<void> => {
        for (;;) listener.data(pushed(await ear.octets()));
      };
      const arrivals = { methods: ['WAPUDP'] as const, listen: (listener: CirListener) => void listen(listener) };
      return { ways: { remoteAddress, cir: { arrivals } }, close: () => ear.close() };
    }
    case 'WAPSMS':
    case 'SSMS': {
      const msisdn = `4670${Math.floor(systemRandom.fraction() * 1e8)}`;
      const listen = (listener: CirListener): void =>
        world.carrier.handset(msisdn, ({ content }) => {
          if (content.coding === 'octets')
            listener.data(method === 'WAPSMS' ? pushed(content.octets) : unpacked(content.octets));
        });
      return { ways: { msisdn, cir: { arrivals: { methods: [method], listen } } }, close: nothing };
    }
  }
};

const some = (): number => 1 + Math.floor(systemRandom.fraction() * 250);

/** As a phone's WAP push client hands it to the application. */
const pushed = (octets: Uint8Array): string => {
  const read = readWspPush(octets);
  return read.ok ? read.value.text : `no push: ${read.fault.reason}`;
};

const unpacked = (octets: Uint8Array): string =>
  fromSeptets(unpackSeptets(octets, Math.floor((octets.length * 8) / 7)));
