import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { bad } from '../base/outcome.ts';
import { systemRandom } from '../base/random.ts';
import type { LinkProvider } from '../xmpp/link.ts';
import { type DeskOptions, signUpDesk } from './sign-up-desk.ts';

test('passwords are not guessed faster by guessing at the same time', async () => {
  let looked = 0;
  const provider: LinkProvider = {
    domain: 'home.test',
    async open() {
      looked++;
      await new Promise((resolve) => setImmediate(resolve));
      return bad({ reason: 'not-authorized', text: 'wrong' });
    },
  };
  const unused = {} as Pick<DeskOptions, 'accounts' | 'vault'>;
  const desk = signUpDesk({
    ...unused,
    domain: 'home.test',
    isOpen: true,
    cirTcp: undefined,
    list: async () => {},
    providers: [provider],
    registrationsPerHour: 1,
    passwordCharactersMin: 4,
    clock: new SimulatedClock(),
    random: systemRandom,
    log: silentLog,
  });
  const guess = () => desk.prove({ address: 'mila@home.test', password: 'guess', remote: '192.0.2.1' });
  const statuses = (await Promise.all(Array.from({ length: 50 }, guess))).map((one) =>
    one.ok ? 200 : one.fault.status,
  );
  assert.deepEqual([looked, statuses.filter((status) => status === 429).length], [3, 47]);
  // One after the other they are counted.
  for (let n = 0; n < 30; n++) await guess();
  assert.equal(looked, 20);
});
