// Phones on short messages through a real Kannel, which brings them by GET and by POST.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmsPhone } from '../src/gateway/sms/testing/sms-phone.ts';
import { hasKannel, kannelUser, startKannel } from './peers/kannel.ts';
import { prepareOnesoup } from './peers/onesoup.ts';
import { freePorts } from './peers/ports.ts';

const skip = hasKannel() || process.env['CI'] ? false : 'kannel is not installed';
const number = '46700000000';
const secret = 'lamp-oil-and-wick';

describe('Kannel', { skip }, () => {
  for (const method of ['get', 'post'] as const)
    test(`two phones chat through Kannel, by ${method}`, async () => {
      const [port = 0] = await freePorts(1);
      const onesoup = await prepareOnesoup({
        extra: {
          sms: {
            carrier: 'kannel',
            number,
            messages_per_second: 100,
            kannel: {
              url: `http://127.0.0.1:${port}/cgi-bin/sendsms`,
              method,
              username: kannelUser.username,
              password_file: 'kannel.password',
              incoming_secret_file: 'kannel.secret',
            },
          },
        },
      });
      const incoming = `http://127.0.0.1:${onesoup.ports.http}/sms/incoming`;
      const kannel = await startKannel({ incoming, secret, port, method });
      try {
        writeFileSync(join(onesoup.directory, 'kannel.password'), kannelUser.password);
        writeFileSync(join(onesoup.directory, 'kannel.secret'), secret);
        for (const name of ['ann', 'bo']) await onesoup.addUser(name, 'secret');
        assert.match(await onesoup.command(['doctor']), /Kannel answers at/);
        await onesoup.start();
        const signIn = async (name: string, of: string): Promise<SmsPhone> => {
          const phone = new SmsPhone({
            phone: kannel.network.phone(of),
            server: number,
            port: 3590,
            settle: () => sleep(30),
          });
          assert.equal((await phone.signIn(name)).Result.Code, 200);
          await phone.askFor(
            { name: 'ClientCapability-Request', CapabilityList: { AnyContent: true, SupportedBearer: ['SMS'] } },
            'ClientCapability-Response',
          );
          return phone;
        };
        const ann = await signIn('ann', '46701111111');
        const bo = await signIn('bo', '46702222222');
        const text = `Är du där? "${'långt och länge, '.repeat(12)}" ł`;
        assert.equal((await ann.askFor(ann.message('wv:bo', text), 'SendMessage-Response')).Result.Code, 200);
        const message = await bo.next('NewMessage');
        assert.equal(message.content.ContentData, text);
        await bo.acknowledge(message);
        assert.equal((await bo.ask({ name: 'Logout-Request' })).name, 'Status');
        assert.deepEqual([ann.stray, bo.stray, bo.requests], [[], [], []]);
      } catch (cause) {
        throw new Error(
          `${(cause as Error).message}\n${kannel.output().slice(-3000)}\n${onesoup.output().slice(-3000)}`,
          { cause },
        );
      } finally {
        await onesoup.remove();
        await kannel.remove();
      }
    });
});
