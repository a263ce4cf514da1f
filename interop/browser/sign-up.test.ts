// The sign-up pages in a real browser: by keyboard alone, without script, on screens from a desk's to a phone's of 2003,
// light and dark; and then a phone signs in with exactly the settings that the page shows.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { wbxml12 } from '../../src/imps/client/personality.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { makePhone } from '../peers/phone.ts';
import { focused, leastContrast, settingsOf, tooWide } from './looks.ts';
import { type Browser, hasBrowser, keys, startBrowser } from './webdriver.ts';

const skip = hasBrowser() || process.env['CI'] ? false : 'chromium-driver is not installed';

describe('the sign-up pages in Chromium', { skip }, () => {
  let onesoup: Onesoup;
  let browser: Browser;
  let web: string;
  before(async () => {
    onesoup = await prepareOnesoup({ domain: 'home.test', extra: { limits: { registrations_per_hour: 100 } } });
    await onesoup.start();
    web = `http://127.0.0.1:${onesoup.ports.http}`;
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await onesoup?.remove();
  });

  test('by keyboard alone, without script, at 360 pixels: sign up, mend a mistake, and a phone signs in', async () => {
    await browser.resize(360, 640);
    const withoutScript = async (...typed: readonly string[]): Promise<void> => {
      await browser.devTools('Emulation.setScriptExecutionDisabled', { value: true });
      await browser.press(...typed);
      await browser.devTools('Emulation.setScriptExecutionDisabled', { value: false });
    };
    await browser.open(`${web}/`);
    // Past the link home, to the first of the two things to do.
    await withoutScript(keys.tab, keys.tab, keys.enter);
    await browser.shows('form[action="/register"]');
    await withoutScript(keys.tab, keys.tab, 'ann', keys.tab, 'soup2005', keys.tab, 'soup2oo5', keys.enter);
    assert.equal(await browser.shows('[role=alert]'), 'The two passwords differ. Type them again.');
    // The name and the tick are still there, and the focus is where to go on.
    assert.equal(await browser.run(`return document.getElementById('name').value`), 'ann');
    assert.equal(await browser.run(`return document.querySelector('[name=phone]').checked`), true);
    assert.equal(await browser.run(focused), 'password');
    await withoutScript('soup2005', keys.tab, 'soup2005', keys.tab);
    assert.equal(await browser.run(focused), 'phone');
    await withoutScript(keys.tab);
    assert.equal(await browser.run(focused), 'family');
    // The list is chosen from by typing the beginning of a name.
    await withoutScript('Nokia S6', keys.tab);
    assert.equal(await browser.run(focused), 'listed');
    await withoutScript(keys.tab);
    assert.equal(await browser.run(focused), 'Sign up');
    await withoutScript(keys.enter);
    assert.equal(await browser.shows('[role=status]'), 'Your address is ann@home.test.');
    const settings = await browser.run<Record<string, string>>(settingsOf);
    assert.equal(settings['Web address'], `${web}/csp`);
    assert.equal(settings['Wake-up (automatic)'], `TCP 127.0.0.1:${onesoup.ports.cir}`);
    for (const scheme of ['PWD', 'MD5', 'SHA'] as const) {
      using phone = makePhone(settings['Web address'] ?? '', {
        user: settings['User ID'] ?? '',
        password: 'soup2005',
        personality: wbxml12,
      });
      await phone.start(scheme);
      assert.ok(phone.hasCir);
      await phone.signOut();
    }
  });

  test('an account is linked and unlinked by keyboard', async () => {
    await onesoup.addUser('mila', 'bread and soup');
    await browser.open(`${web}/link`);
    await browser.press(keys.tab, keys.tab, 'mila@home.test', keys.tab, 'bread and soup', keys.enter);
    assert.match(await browser.shows('[role=status]'), /^mila@home\.test can now/);
    await browser.open(`${web}/link`);
    await browser.press(
      keys.tab,
      keys.tab,
      'mila@home.test',
      keys.tab,
      'bread and soup',
      keys.tab,
      keys.tab,
      keys.tab,
      keys.enter,
    );
    assert.match(await browser.shows('[role=status]'), /no longer kept/);
  });

  for (const width of [128, 176, 320, 1280])
    test(`nothing is cut at ${width} pixels, and every text can be read, light and dark`, async () => {
      await browser.resize(width, 800);
      for (const value of ['light', 'dark']) {
        await browser.devTools('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
        for (const path of ['/', '/register', '/link', '/settings', 'welcome', 'wrong']) {
          if (path.startsWith('/')) await browser.open(web + path);
          else {
            await browser.open(`${web}/register`);
            const name = path === 'wrong' ? 'x y' : `${value}-on-a-screen-of-${width}-pixels`;
            await browser.press(keys.tab, keys.tab, name, keys.tab, 'soup2005', keys.tab, 'soup2005', keys.enter);
            await browser.shows(path === 'wrong' ? '[role=alert]' : '[role=status]');
          }
          const directory = process.env['ONESOUP_SCREENSHOTS'];
          if (directory)
            await browser.screenshot(`${directory}/${path.replace('/', '') || 'home'}-${width}-${value}.png`);
          assert.deepEqual(await browser.run(tooWide), [], `${path} ${value}`);
          const [contrast, where] = await browser.run<[number, string]>(leastContrast);
          assert.ok(contrast >= 4.5, `${path} ${value}: '${where}' has a contrast of ${contrast.toFixed(1)}`);
        }
      }
    });
});
