// npm run demo, as a newcomer runs it: it shows what it says, ends by itself, stops when told to, and leaves nothing behind.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Screen } from '../demo/screen.ts';
import { type Child, startChild } from './peers/child.ts';

const root = new URL('..', import.meta.url).pathname;

describe('npm run demo', () => {
  let place: string;
  before(() => {
    place = mkdtempSync(join(tmpdir(), 'onesoup-demo-test-'));
  });
  after(() => rmSync(place, { recursive: true, force: true }));
  const start = (options: readonly string[]): Child =>
    startChild(process.execPath, ['demo/main.ts', ...options], { cwd: root, env: { ...process.env, TMPDIR: place } });

  test('shows both sides of a conversation and the wire between them', async () => {
    const demo = start(['--fast']);
    const status = await demo.exited;
    const shown = demo.output();
    assert.equal(status, 0, shown);
    const inOrder = [
      /server address http:\/\/127\.0\.0\.1:\d+\/csp · user ID ann/,
      /CSP {2}→ Login-Request 2 +ann, digest \S+ +WBXML \d+$/m,
      /CSP {2}← Login-Response 2 +200, session/,
      /CIR {2}→ HELO \S+ +TCP 127\.0\.0\.1:\d+$/m,
      /CIR {2}← OK/,
      /CSP {2}→ ListManage-Request \d+ +add Bob \(wv:bob@home\.test\)/,
      /CSP {2}← PresenceAuth-Request \S+ +wv:bob@home\.test asks to see you/,
      /XMPP → presence +from ann@home\.test, available, “back from 2005”/,
      /CSP {2}← PresenceNotification-Request \S+ wv:bob@home\.test: online, DISCREET/,
      /CSP {2}→ SendMessage-Request \d+ +to wv:bob@home\.test, report: “Bob\?/,
      / Bob reads: Bob\? It is my old phone! Does the soup icon work\? ▌$/m,
      /CSP {2}← DeliveryReport-Request \S+ +200, message/,
      /^▌ ✓ delivered$/m,
      /CIR {2}← WVCI 1\.2 \S+ +[\d.]+ ms after Bob pressed send: poll$/m,
      /^▌ Ann reads: It does, Ann\. Even the steam is back!$/m,
      /XMPP → message +from ann@home\.test, receipt: delivered$/m,
      /Logout-Request/,
      /^▌ Ann is back, and sees at once: Bob online, DISCREET, “lunch”$/m,
      /^▌ Ann reads: Call me when you are home \(sent \d\d:\d\d UTC\)$/m,
      /\d+ CSP messages, [\d.]+ KiB in WBXML; in XML they would have been [\d.]+ KiB/,
      /npm start/,
    ];
    let at = 0;
    for (const line of inOrder) {
      const found = shown.slice(at).search(line);
      assert.ok(found >= 0, `${line} is not there, or not there yet:\n${shown}`);
      at += found + 1;
    }
    assert.ok(!shown.includes('\x1b'), 'no colours in a file');
    for (const line of shown.split('\n')) assert.ok(line.length <= 100, line);
    assert.deepEqual(readdirSync(place), []);
  });

  test('Ctrl-C stops it in the middle', async () => {
    const demo = start([]);
    const isUnderWay = new Promise<void>((resolve) =>
      demo.onLine((line) => {
        if (line.includes('Login-Response 2')) resolve();
      }),
    );
    await Promise.race([isUnderWay, demo.exited]);
    assert.equal(await demo.end('SIGINT'), 130, demo.output());
    assert.match(demo.output(), /Stopped; nothing is left behind\./);
    assert.doesNotMatch(demo.output(), /That was onesoup/);
    assert.deepEqual(readdirSync(place), []);
  });

  test('an option it does not know is refused', async () => {
    const demo = start(['--fats']);
    assert.equal(await demo.exited, 1);
    assert.match(demo.output(), /there is no option --fats/);
  });
});

test('the screen: colours for terminals only, and as wide as the terminal is between 80 and 100', () => {
  const drawn = (isTTY: boolean, environment: NodeJS.ProcessEnv, columns?: number): readonly string[] => {
    const lines: string[] = [];
    const screen = Screen.forTerminal({ isTTY, columns, write: (line) => lines.push(line) }, environment);
    screen.scene('A scene');
    screen.friend('Bob is here');
    screen.wire({ wire: 'CSP', way: 'right', name: 'SendMessage-Request 1', fields: 'x'.repeat(99), size: 'WBXML 7' });
    return lines.join('').trimEnd().split('\n').slice(1);
  };
  const utf8 = { LANG: 'C.UTF-8' };
  assert.match(drawn(true, utf8).join(), /\x1b\[/);
  assert.doesNotMatch(drawn(true, { ...utf8, NO_COLOR: '1' }).join(), /\x1b\[/);
  assert.doesNotMatch(drawn(true, { ...utf8, TERM: 'dumb' }).join(), /\x1b\[/);
  assert.doesNotMatch(drawn(false, utf8).join(), /\x1b\[/);
  const widths = (columns: number): readonly number[] => drawn(false, utf8, columns).map(({ length }) => length);
  assert.deepEqual(widths(40), [80, 80, 80]);
  assert.deepEqual(widths(91), [90, 90, 90]);
  assert.deepEqual(widths(300), [100, 100, 100]);
  assert.match(drawn(true, { LANG: 'C', NO_COLOR: '1' })[1] ?? '', /^[\x20-\x7e]+$/);
});
