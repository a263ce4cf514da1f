import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { loadConfig } from '../config/config.ts';
import { CspClient } from '../imps/client/client.ts';
import { httpPost } from '../imps/client/node.ts';
import { wbxml13 } from '../imps/client/personality.ts';
import type { Announcement } from '../store/announcements.ts';
import { details, made, overview } from './announcements.ts';
import type { RunningApp } from './serve.ts';
import { Place } from './testing.ts';

const one: Announcement = {
  id: 'a1',
  text: 'Do you want\u001b[31m to keep your account when the winter is over?',
  options: ['Yes', 'No'],
  requiresAnswer: true,
  verification: undefined,
  to: ['mila@home.test', 'anna@home.test'],
  createdAt: 0,
  expiresAt: 86_400_000,
};

test('what was announced, and what was answered', () => {
  const heard = [
    ['anna@home.test', { shownOn: ['phone-1'], answer: { option: 2, at: 60_000 }, wrongKeys: 1 }],
    ['mila@home.test', { isSent: true }],
    ['otto@home.test', { wrongKeys: 2 }],
  ] as const;
  assert.equal(
    overview([one, { ...one, id: 'a2', to: undefined, text: 'Hi' }], new Map([['a1', heard]]), 86_400_000),
    [
      'id  made (UTC)        until  for         heard by  answered  wrong keys  text',
      'a1  1970-01-01 00:00  over   2 accounts  2         1         3           Do you want\ufffd[31m to keep your account w…',
      'a2  1970-01-01 00:00  over   everybody   0         0         0           Hi',
    ].join('\n'),
  );
  assert.equal(
    details(one, heard),
    `Do you want\ufffd[31m to keep your account when the winter is over?
1. Yes
2. No

account         answer  when (UTC)        wrong keys
anna@home.test  No      1970-01-01 00:01  1
mila@home.test`,
  );
});

test('an announcement that could not be shown is refused in words', () => {
  const refusal = (text: string, options: object): string => {
    try {
      made({ domain: 'home.test' }, text, { valid: 1, ...options });
      return 'taken';
    } catch (cause) {
      return (cause as Error).message;
    }
  };
  assert.equal(refusal('Hello', { to: ['mila', 'otto@away.test'] }), 'taken');
  assert.match(refusal(' ', {}), /from 1 to 1000 characters/);
  assert.match(refusal('x'.repeat(1001), {}), /from 1 to 1000 characters/);
  assert.match(refusal('Hello\u0007', {}), /control characters/);
  assert.match(refusal('Hello', { option: Array.from({ length: 10 }, () => 'x') }), /at most 9 options/);
  assert.match(refusal('Hello', { verifyUrl: 'http://x/' }), /--verify names/);
  assert.match(refusal('Hello', { to: ['@@'] }), /@@ is no address/);
});

test('the operator announces, looks and takes back, while the server runs and while it does not', async () => {
  using place = new Place().write();
  assert.equal((await place.run(['announcements'])).out, 'there are no announcements\n');
  const first = await place.run(['announce', 'Below the ice', '--option', 'Good', '--option', 'Bad', '--valid', '2d']);
  assert.match(first.out, /^announcement a\S+ will be heard when the server runs\n$/);
  const server = place.start(['serve']);
  try {
    await server.says('Ctrl-C stops it.');
    const second = await place.run(['announce', 'To Mila', '--to', 'mila', '--require-answer', '--verify', 'herring']);
    const [, id = ''] = /^announcement (a\S+) is out/.exec(second.out) ?? [];
    assert.match((await place.run(['announcements'])).out, /everybody .*Below the ice\n.*mila@home\.test .*To Mila\n/);
    assert.equal((await place.run(['announcements', 'list', id])).out, 'To Mila\n\nnobody has heard it yet\n');
    assert.equal((await place.run(['announcements', 'remove', id])).out, `announcement ${id} is taken back\n`);
    assert.match((await place.run(['announcements', 'remove', id])).err, /there is no announcement/);
  } finally {
    server.signal('SIGTERM');
  }
  assert.equal((await server.ended).code, 0);
  assert.match((await place.run(['announcements'])).out, /Below the ice\n$/);
  assert.match((await place.run(['announce', 'x', '--valid', '7'])).err, /a time such as/);
});

test('a phone hears it, answers, and the operator sees the answer', async () => {
  using place = new Place().write();
  const { startApp } = (await import(new URL('../app.ts', import.meta.url).href)) as {
    readonly startApp: (config: object, log: object) => Promise<RunningApp>;
  };
  const app = await startApp(loadConfig(place.config), silentLog);
  try {
    await place.run(['user', 'add', 'mila', '--password-stdin'], 'secret');
    using post = httpPost(`http://${app.listening.http}/csp`);
    const [user, password, personality] = ['wv:mila', 'secret', wbxml13];
    const mila = new CspClient({ post, clock: systemClock, random: systemRandom, user, password, personality });
    await mila.signIn();
    const question = ['announce', 'Do you stay?', '--option', 'Yes', '--option', 'No', '--require-answer'];
    assert.match((await place.run([...question, '--to', 'mila'])).out, /is out/);
    await mila.poll();
    const asked = await mila.next('SystemMessage-Request');
    const [message] = asked.SystemMessageList.SystemMessage;
    const id = message?.SystemMessageID ?? '';
    assert.equal(await mila.codeFor({ name: 'GetList-Request' }), 403);
    const SystemMessageResponse = [{ SystemMessageID: id, ChosenOptionID: 2 }];
    const answer = { name: 'SystemMessage-User', SystemMessageResponseList: { SystemMessageResponse } } as const;
    assert.equal(await mila.codeFor(answer), 200);
    assert.equal(await mila.codeFor({ name: 'GetList-Request' }), 200);
    assert.match((await place.run(['announcements', 'list', id])).out, /^mila@home\.test {2}No {6}/m);
    mila.drop();
  } finally {
    await app.stop();
  }
});
