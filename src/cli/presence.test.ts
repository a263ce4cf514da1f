import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { page } from './presence.ts';
import { Place } from './testing.ts';

test('each contact, its resources, their age, and in words why something is unconfirmed', () => {
  const text = page({
    account: 'mila@home.test',
    sessions: [
      { resource: 'phone', isAvailable: true, show: 'away', status: 'on the train', priority: 5 },
      { resource: 'desk', isAvailable: false, show: '', status: '', priority: 0 },
    ],
    contacts: [
      {
        contact: 'anna@home.test',
        isLocal: true,
        resources: [
          { resource: 'desk', seenSeconds: 3, isConfirmed: true, show: '', status: 'bad\u001b[31m', priority: 0 },
        ],
      },
      { contact: 'eva@far.test', isLocal: false, resources: [], nextLookInSeconds: 40 },
      {
        contact: 'tom@far.test',
        isLocal: false,
        resources: [
          { resource: 'cell', seenSeconds: 90_000, isConfirmed: false, show: 'dnd', status: '', priority: 0 },
          { resource: 'car', seenSeconds: 250, isConfirmed: true, show: '', status: '', priority: 0 },
        ],
        checkedSeconds: 250,
        probe: { sentSeconds: 300, outcome: 'answered', answer: 'available' },
        domainDownSeconds: 240,
        nextLookInSeconds: 3_000,
      },
      {
        contact: 'uma@other.test',
        isLocal: false,
        resources: [{ resource: '', seenSeconds: 200_000, isConfirmed: false, show: '', status: '', priority: 0 }],
        probe: { sentSeconds: 2, outcome: 'pending' },
        nextLookInSeconds: 58,
      },
    ],
  });
  assert.equal(
    text,
    `session  shows          priority  status
phone    away           5         on the train
desk     not available  0

contact         resource  shows    status    seen        confirmed      last probe              next look
anna@home.test  desk      online   bad\ufffd[31m  3 s ago     yes
eva@far.test              offline                        not asked yet  none yet                in 40 s
tom@far.test    cell      dnd                25 h ago    no             5 min ago: available    in 50 min
                car       online             4 min ago   yes
uma@other.test            online             2 days ago  no             2 s ago: no answer yet  in 58 s

far.test has been out of reach for 4 min: its contacts are shown as last known until it answers, or for as long as presence.grace_seconds says
Of other.test some is shown as last known, from before this server started or a link was lost: it is being asked`,
  );
});

test('the running server is asked; without one there is nobody to know', async () => {
  using place = new Place().write();
  const missing = await place.run(['presence', 'mila@home.test']);
  assert.equal(missing.err, 'onesoup: no server runs here; who is online is known while one does\n');
  assert.equal(missing.code, 1);

  const token = 'this-is-a-secret-for-tests';
  writeFileSync(join(place.directory, 'admin.token'), `${token}\n`);
  place.write({ web: { admin_token_file: 'admin.token' } });
  const server = place.start(['serve']);
  try {
    await server.says('onesoup is up');
    await place.run(['user', 'add', 'mila', '--password-stdin'], 'secret');
    const page = await place.run(['presence', 'mila']);
    assert.deepEqual(page, { code: 0, out: 'mila@home.test has no sessions\n\nmila@home.test sees nobody\n', err: '' });
    const json = await place.run(['presence', 'mila@home.test', '--json']);
    assert.deepEqual(JSON.parse(json.out), { account: 'mila@home.test', sessions: [], contacts: [] });
    const nobody = await place.run(['presence', 'nobody@home.test']);
    assert.equal(nobody.err, 'onesoup: there is no account nobody@home.test\n');
  } finally {
    server.signal('SIGTERM');
  }
  const { code, out, err } = await server.ended;
  assert.equal(code, 0, err);
  assert.doesNotMatch(out + err, new RegExp(token));
});
