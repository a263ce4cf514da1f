import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionView } from '../../session-view.ts';
import { abilitiesOf, envelope } from './abilities.ts';

const defaults = {
  anyContent: true,
  contentTypes: [] as string[],
  takesBase64: true,
  richLengths: {} as Record<string, number>,
  textLength: undefined as number | undefined,
  pushLength: 10_000,
  pullLength: 30_000,
  parserSize: 40_000,
};
/** As much of a session as counts here. */
const phone = (
  capabilities: Partial<typeof defaults> = {},
  more: { readonly pushOnly?: boolean; readonly family?: string; readonly isOnSms?: boolean } = {},
) =>
  abilitiesOf({
    version: '1.2',
    features: new Set(['NOTIF', 'GETM']),
    isOnSms: more.isOnSms ?? false,
    capabilities: { ...defaults, ...capabilities },
    personality: { pushOnly: more.pushOnly ?? false, family: more.family ?? 'unknown' },
  } as unknown as SessionView);
const taken = (of: ReturnType<typeof phone>, ...types: string[]) => types.filter((type) => of.takes(type));

test('any content is what there was in its time', () => {
  const all = ['image/jpeg', 'image/jpg', 'image/gif', 'image/webp', 'image/heic', 'text/x-vcard', 'application/pdf'];
  assert.deepEqual(taken(phone(), ...all), ['image/jpeg', 'image/jpg', 'image/gif', 'text/x-vcard', 'application/pdf']);
});

test('named types under all their names', () => {
  const named = phone({
    anyContent: false,
    contentTypes: ['text/plain', 'image/jpeg', 'text/x-vcard; charset=utf-8', 'audio/*'],
  });
  assert.deepEqual(taken(named, 'text/plain', 'image/jpg', 'image/png', 'text/vcard', 'audio/amr', 'video/mp4'), [
    'text/plain',
    'image/jpg',
    'text/vcard',
    'audio/amr',
  ]);
  assert.deepEqual(named.pictures, ['image/jpeg']);
});

test('without BASE64 there are only texts; over short messages, and for Android, only plain ones', () => {
  const all = ['text/plain', 'text/x-vcard', 'image/jpeg'];
  assert.deepEqual(taken(phone({ takesBase64: false }), ...all), ['text/plain', 'text/x-vcard']);
  assert.deepEqual(taken(phone({}, { isOnSms: true }), ...all), ['text/plain']);
  assert.deepEqual(taken(phone({}, { family: 'android', pushOnly: true }), ...all), ['text/plain']);
});

test('how much: pushed or fetched, of a type, within what is parsed', () => {
  assert.equal(phone().lengthMax('image/jpeg'), 30_000);
  assert.equal(phone({}, { pushOnly: true }).lengthMax('image/jpeg'), 10_000);
  assert.equal(phone({ parserSize: 8000 }).lengthMax('image/jpeg'), 8000 - envelope);
  assert.equal(phone({ parserSize: 1000 }).lengthMax('image/jpeg'), 0);
  assert.equal(phone({ richLengths: { 'image/jpeg': 500 } }).lengthMax('image/jpeg'), 500);
  assert.equal(phone({ textLength: 700 }).lengthMax('text/x-vcard'), 700);
  assert.equal(phone({ pullLength: 1e9, parserSize: 1e9 }).lengthMax('image/jpeg'), 700_000);
});
