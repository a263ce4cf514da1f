// What the file says reaches the gateway, each limit the one it is for; what it does not say is what the gateway has anyway.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewaySettings } from './app-settings.ts';
import { checkConfig } from './config/config.ts';
import { defaultSettings, type GatewayLimits } from './gateway/settings.ts';
import { defaultLimits } from './server/limits.ts';
import { defaultUploadLimits } from './server/uploads/limits.ts';

const limitsOf = (text: string): GatewayLimits => gatewaySettings(checkConfig(text, 'onesoup.yaml')).limits;

test('without a file phones may cost what they may by default, and so may accounts and uploads', () => {
  assert.deepEqual(limitsOf(''), defaultSettings.limits);
  const { limits, uploads } = checkConfig('', undefined);
  assert.equal(limits.search_hits, defaultLimits.directoryHitsMax);
  assert.equal(limits.blocked, defaultLimits.blockedMax);
  assert.equal(uploads.bytes_per_second_min, defaultUploadLimits.bytesPerSecondMin);
});

const keys: readonly (readonly [key: string, limit: keyof GatewayLimits])[] = [
  ['request_bytes', 'requestBytesMax'],
  ['requests_per_second', 'requestsPerSecondMax'],
  ['phone_sessions', 'sessionsMax'],
  ['phone_sessions_per_account', 'sessionsPerAccountMax'],
  ['waiting_for_phone', 'waitingMax'],
  ['contact_lists', 'contactListsMax'],
  ['contacts_per_list', 'contactsPerListMax'],
  ['attribute_list_entries', 'attributeListEntriesMax'],
  ['blocked', 'blockedMax'],
  ['watched', 'watchedMax'],
  ['groups_per_phone', 'groupsMax'],
  ['recipients', 'recipientsMax'],
  ['invited', 'invitedMax'],
  ['search_hits', 'searchHitsMax'],
];
for (const [key, limit] of keys)
  test(`limits.${key}`, () => {
    const value = defaultSettings.limits[limit] - 1;
    assert.deepEqual(limitsOf(`limits: { ${key}: ${value} }\n`), { ...defaultSettings.limits, [limit]: value });
    assert.throws(() => limitsOf(`limits: { ${key}: -1 }\n`), new RegExp(`limits\\.${key}`));
  });

test('the only limits without a key are those that nobody has a use for', () => {
  const without = Object.keys(defaultSettings.limits).filter((one) => !keys.some(([, limit]) => limit === one));
  assert.deepEqual(without, ['transactionsPerMessageMax', 'concurrentRequestsMax', 'noncesMax']);
});
