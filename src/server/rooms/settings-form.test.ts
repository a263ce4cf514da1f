// The configuration form says what the settings are, and makes of what it says the same settings.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultRoomLimits as limits } from './limits.ts';
import { defaultSettings, type RoomSettings, shownRoles } from './settings.ts';
import { settingsFields, settingsFrom } from './settings-form.ts';

const plain = defaultSettings(limits);
const text = fc.string({ maxLength: 50 }).map((one) => one.trim());
const anySettings: fc.Arbitrary<RoomSettings> = fc.record(
  {
    name: text,
    description: text,
    lang: fc.constantFrom('', 'cs', 'pt-BR'),
    pubsub: text,
    isPersistent: fc.boolean(),
    isPublic: fc.boolean(),
    isMembersOnly: fc.boolean(),
    isModerated: fc.boolean(),
    isLogged: fc.boolean(),
    password: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    whois: fc.constantFrom('anyone', 'moderators'),
    letsChangeSubject: fc.boolean(),
    letsInvite: fc.boolean(),
    privateMessages: fc.constantFrom('anyone', 'participants', 'moderators', 'none'),
    presenceBroadcast: fc.subarray([...shownRoles]),
    memberList: fc.subarray([...shownRoles]),
    occupantsMax: fc.integer({ min: 1, max: limits.occupantsMax }),
    historyMax: fc.integer({ min: 0, max: limits.historyMax }),
  },
  { noNullPrototype: true },
);

test('a form that is sent back as it came changes nothing; whatever the settings were before, it sets them', () => {
  fc.assert(
    fc.property(anySettings, anySettings, (settings, before) => {
      const values = new Map(settingsFields(settings, limits).map(({ name, values }) => [name, values]));
      const read = settingsFrom(values, before, limits);
      assert(read.ok);
      assert.deepEqual(read.value, settings);
      // Every choice that is set is among those offered.
      for (const { options, values, name } of settingsFields(settings, limits))
        if (options) for (const value of values) assert(options.includes(value), `${name} ${value}`);
    }),
  );
});

test('what is left out stays, what is unknown is passed over', () => {
  fc.assert(
    fc.property(anySettings, (before) => {
      const read = settingsFrom(new Map([['muc#roomconfig_colour', ['blue']]]), before, limits);
      assert(read.ok);
      assert.deepEqual(read.value, before);
    }),
  );
});

test('values that a field cannot have are refused by name; more than the service allows is as much as it allows', () => {
  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['muc#roomconfig_persistentroom', ['maybe']],
    ['muc#roomconfig_persistentroom', []],
    ['muc#roomconfig_whois', ['none']],
    ['muc#roomconfig_whois', []],
    ['muc#roomconfig_allowpm', ['everybody']],
    ['muc#roomconfig_presencebroadcast', ['moderator', 'owner']],
    ['muc#roomconfig_getmemberlist', ['none']],
    ['muc#roomconfig_maxusers', ['0']],
    ['muc#roomconfig_maxusers', ['-1']],
    ['muc#maxhistoryfetch', ['1.5']],
    ['muc#roomconfig_roomname', ['x'.repeat(limits.textMax + 1)]],
    ['muc#roomconfig_roomsecret', ['x'.repeat(limits.textMax + 1)]],
    ['muc#roomconfig_lang', ['not a tag!']],
  ];
  for (const [name, values] of refused) {
    const read = settingsFrom(new Map([[name, values]]), plain, limits);
    assert(!read.ok, name);
    assert(read.fault.includes(name), read.fault);
  }
  const most = settingsFrom(
    new Map([
      ['muc#roomconfig_maxusers', ['100000']],
      ['muc#maxhistoryfetch', ['100000']],
    ]),
    plain,
    limits,
  );
  assert(most.ok);
  assert.equal(most.value.occupantsMax, limits.occupantsMax);
  assert.equal(most.value.historyMax, limits.historyMax);
  const none = settingsFrom(new Map([['muc#roomconfig_maxusers', ['none']]]), plain, limits);
  assert(none.ok && none.value.occupantsMax === limits.occupantsMax);
});

test('a room with a password has one', () => {
  const ask = (values: readonly (readonly [string, readonly string[]])[], before = plain) =>
    settingsFrom(new Map(values), before, limits);
  const on = ['muc#roomconfig_passwordprotectedroom', ['1']] as const;
  assert(!ask([on]).ok);
  assert(!ask([on, ['muc#roomconfig_roomsecret', ['']]]).ok);
  const made = ask([on, ['muc#roomconfig_roomsecret', ['samovar']]]);
  assert(made.ok && made.value.password === 'samovar');
  const off = ask([['muc#roomconfig_passwordprotectedroom', ['0']]], made.value);
  assert(off.ok && off.value.password === undefined);
});
