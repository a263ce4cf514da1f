// The settings pages in a real browser, by keyboard and without script: a page for every family that can be read on the screen of
// a phone and on a desk, a file that is the phone's, and a message that arrives through Kannel and is opened with the PIN shown.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { macOf } from '../../src/provisioning/push.ts';
import { decode } from '../../src/provisioning/wbxml.ts';
import { KannelBox } from '../../src/sms/testing/kannel-box.ts';
import { families } from '../../src/web/phones/families.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { focused, leastContrast, settingsOf, tooWide } from './looks.ts';
import { type Browser, hasBrowser, keys, startBrowser } from './webdriver.ts';

const skip = hasBrowser() || process.env['CI'] ? false : 'chromium-driver is not installed';

describe('the settings pages in Chromium', { skip }, () => {
  const secrets = mkdtempSync(join(tmpdir(), 'onesoup-settings-'));
  const kannel = new KannelBox();
  let onesoup: Onesoup;
  let browser: Browser;
  let web: string;
  before(async () => {
    await kannel.listen();
    const [password_file, incoming_secret_file] = ['password', 'incoming'].map((name) => join(secrets, name)) as [
      string,
      string,
    ];
    writeFileSync(password_file, kannel.password, { mode: 0o600 });
    writeFileSync(incoming_secret_file, kannel.secret, { mode: 0o600 });
    onesoup = await prepareOnesoup({
      domain: 'home.test',
      extra: {
        web: { phone_url: 'http://chat.home.test' },
        sms: {
          carrier: 'kannel',
          number: '46700000000',
          kannel: { url: kannel.url, username: kannel.username, password_file, incoming_secret_file },
        },
      },
    });
    await onesoup.addUser('ann', 'soup2005');
    await onesoup.start();
    web = `http://127.0.0.1:${onesoup.ports.http}`;
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await onesoup?.remove();
    await kannel.close();
    rmSync(secrets, { recursive: true });
  });

  test('by keyboard alone, without script: choose the phone, and have its settings sent to it', async () => {
    const phone = kannel.network.phone('46700000001');
    await browser.resize(320, 480);
    await browser.open(`${web}/settings`);
    await browser.devTools('Emulation.setScriptExecutionDisabled', { value: true });
    await browser.press(keys.tab, keys.tab, 'ann', keys.tab, 'Nokia S6', keys.tab, keys.enter);
    await browser.devTools('Emulation.setScriptExecutionDisabled', { value: false });
    await browser.shows('form[method=post]');
    const settings = await browser.run<Record<string, string>>(settingsOf);
    assert.equal(settings['Web address'], 'http://chat.home.test/csp');
    assert.equal(settings['User ID'], 'ann');

    // Every control is reached in the order in which it is read.
    const order: string[] = [];
    for (let n = 0; n < 11; n++) {
      await browser.press(keys.tab);
      order.push(await browser.run<string>(focused));
    }
    assert.deepEqual(order.slice(3), ['user', 'apn', 'password', 'include', 'number', 'as', 'as', 'as']);
    await browser.open(`${web}/settings/nokia-s60?user=ann`);
    await browser.devTools('Emulation.setScriptExecutionDisabled', { value: true });
    await browser.press(...Array<string>(6).fill(keys.tab), 'soup2005', keys.tab, keys.tab, '+46700000001');
    await browser.press(keys.tab, keys.tab, keys.tab, keys.enter);
    await browser.devTools('Emulation.setScriptExecutionDisabled', { value: false });
    const [, pin = ''] = /PIN: (\d{4})$/.exec(await browser.shows('[role=status]')) ?? [];

    const [message] = phone.inbox;
    assert.ok(message?.content.coding === 'octets');
    assert.equal(message.ports?.destination, 2948);
    const { octets } = message.content;
    const document = octets.subarray(3 + (octets[2] ?? 0));
    assert.equal(Buffer.from(octets.subarray(9, 49)).toString(), macOf(document, { method: 'userpin', pin }));
    const read = decode(document);
    assert.ok(read.ok);
    assert.match(JSON.stringify(read.value), /http:\/\/chat\.home\.test\/csp/);
    assert.doesNotMatch(onesoup.output(), /soup2005/);
  });

  test('the file that the page links to is a provisioning document', async () => {
    await browser.open(`${web}/settings/nokia-s60?user=ann`);
    const href = await browser.run<string>(`return document.querySelector('a[href*="onesoup.prov"]').href`);
    const file = await fetch(href);
    assert.equal(file.headers.get('content-type'), 'application/vnd.wap.connectivity-wbxml');
    assert.ok(decode(new Uint8Array(await file.arrayBuffer())).ok);
  });

  for (const width of [128, 320, 1280])
    test(`nothing is cut at ${width} pixels, and every text can be read, light and dark`, async () => {
      await browser.resize(width, 800);
      for (const value of ['light', 'dark']) {
        await browser.devTools('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
        for (const { id } of families) {
          await browser.open(`${web}/settings/${id}?user=a-rather-long-name-of-somebody%40a-rather-long-domain.test`);
          const directory = process.env['ONESOUP_SCREENSHOTS'];
          if (directory) await browser.screenshot(`${directory}/settings-${id}-${width}-${value}.png`);
          assert.deepEqual(await browser.run(tooWide), [], `${id} ${value}`);
          const [contrast, where] = await browser.run<[number, string]>(leastContrast);
          assert.ok(contrast >= 4.5, `${id} ${value}: '${where}' has a contrast of ${contrast.toFixed(1)}`);
        }
      }
    });
});
