import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyOf } from '../phones/families.ts';
import type { SignUp } from '../sign-up.ts';
import { type Asked, phoneSettings, userIdFor } from './settings.ts';

const never = async () => assert.fail('a page does not sign anybody up');
const signUp: SignUp = {
  domain: 'home.test',
  isOpen: true,
  backends: [],
  passwordCharactersMin: 4,
  cirTcp: { host: undefined, port: 3717 },
  register: never,
  link: never,
  unlink: never,
  prove: never,
};
const settings = (origin: string, site: SignUp = signUp, more: Partial<Asked> = {}): string =>
  phoneSettings(site, { family: familyOf('other'), address: 'ann@home.test', origin, canSend: false, ...more }).text;

test('the wake-up channel is where phones reach us over HTTP, unless the operator says otherwise', () => {
  assert.match(settings('http://chat.test:5280'), /<dd>TCP chat\.test:3717<\/dd>/);
  assert.match(settings('http://[2001:db8::1]:5280'), /<dd>TCP \[2001:db8::1\]:3717<\/dd>/);
  const named = { ...signUp, cirTcp: { host: 'wake.test', port: 3717 } };
  assert.match(settings('http://chat.test:5280', named), /<dd>TCP wake\.test:3717<\/dd>/);
  assert.doesNotMatch(settings('http://chat.test', { ...signUp, cirTcp: undefined }), /Wake-up/);
});

test('who opens the page on the server itself is told that no phone reaches it so', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    assert.match(settings(`http://${host}:5280`), /role="note"><b>/, host);
  for (const host of ['chat.test', '192.0.2.1', 'localhost.test'])
    assert.doesNotMatch(settings(`http://${host}:5280`), /role="note"/, host);
});

test('over https it says that few phones can', () => {
  assert.match(settings('https://chat.test'), /type <code>http:\/\/<\/code>/);
  assert.doesNotMatch(settings('http://chat.test'), /http:\/\/<\/code>/);
});

test('hosts that no URL can have are shown as they are', () => {
  assert.match(settings('http://1.2.3.4.5:99999'), /<dd>http:\/\/1\.2\.3\.4\.5:99999\/csp<\/dd>/);
});

test('an address that the operator names is what phones are told, whatever the page was opened by', () => {
  const page = settings('https://admin.test', { ...signUp, phoneUrl: 'http://chat.test' });
  assert.match(page, /<dd>http:\/\/chat\.test\/csp<\/dd>/);
  assert.match(page, /TCP chat\.test:3717/);
  assert.match(settings('http://chat.test', { ...signUp, oldHttpsPort: 8443 }), /<code>https:\/\/chat\.test:8443\/csp/);
});

test('each family is told in its own words, and the user ID in its form', () => {
  const s60 = settings('http://chat.test', signUp, { family: familyOf('nokia-s60') });
  assert.match(s60, /<dt>Web address<\/dt><dd>http:\/\/chat\.test\/csp<\/dd>/);
  assert.match(s60, /<dt>User ID<\/dt><dd>ann<\/dd>/);
  for (const [family, address, userId] of [
    ['nokia-s60', 'ann@home.test', 'ann'],
    ['nokia-s60', 'mila@other.test', 'mila@other.test'],
    ['sony-ericsson', 'mila@other.test', 'wv:mila@other.test'],
    ['other', 'ann', 'ann'],
    ['other', '', undefined],
  ] as const)
    assert.equal(userIdFor(signUp, familyOf(family), address), userId);
});

test('a message is offered where there is a carrier, nothing where the phone takes nothing', () => {
  assert.match(settings('http://chat.test', signUp, { canSend: true }), /value="sms"/);
  assert.doesNotMatch(settings('http://chat.test'), /value="sms"|name="number"/);
  assert.doesNotMatch(
    settings('http://chat.test', signUp, { family: familyOf('android') }),
    /onesoup\.prov|name="apn"/,
  );
});
