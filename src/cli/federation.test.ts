import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkReport } from '../server/s2s/report.ts';
import { details, overview } from './federation.ts';
import { Place } from './testing.ts';

const link: LinkReport = {
  local: 'home.test',
  remote: 'away.example',
  phase: 'up',
  phaseSeconds: 300,
  isLost: false,
  waiting: 0,
  unacknowledged: 2,
  streams: [
    {
      direction: 'out',
      address: '192.0.2.1:5269',
      isSecure: true,
      isManaged: true,
      isOurs: true,
      proof: 'dialback',
      openSeconds: 301,
      resumptions: 1,
      certificate: {
        names: ['away.example'],
        issuer: 'Bad\u001b[31m Authority',
        validUntil: '2027-01-01T00:00:00.000Z',
        pin: 'ab'.repeat(32),
        isTrusted: false,
      },
    },
  ],
};

test('each link in a line, and why one does not go', () => {
  const failing: LinkReport = {
    ...link,
    remote: 'down.example',
    phase: 'waiting',
    retryInSeconds: 7,
    isLost: true,
    waiting: 5,
    streams: [],
    lastFault: { text: '192.0.2.7:5269: nobody listens there', condition: 'remote-server-timeout', seconds: 3 },
  };
  assert.equal(
    overview({ links: [link, failing], strangers: 4 }),
    [
      'server        our domain  link                        waiting  proven by     last fault',
      'away.example  home.test   up for 5 min                2        out dialback',
      'down.example  home.test   no way; tried again in 7 s  7                      3 s ago: 192.0.2.7:5269: nobody listens there',
      '',
      '4 connections have not shown who they are',
    ].join('\n'),
  );
});

test('one server in full; what strangers put in cannot play with the terminal', () => {
  assert.equal(
    details({ links: [link], strangers: 0 }, 'away.example'),
    `link         home.test to away.example: up for 5 min
waiting      0; on their way, not yet acknowledged: 2
stream       192.0.2.1:5269: ours, open for 5 min, TLS, proven by dialback, acknowledged (XEP-0198), resumed once
certificate  for away.example, of Bad\ufffd[31m Authority, until 2027-01-01; no authority we trust stands behind it
pin          ${'ab'.repeat(32)}`,
  );
});

test('it asks the running server', async () => {
  using place = new Place().write();
  assert.match((await place.run(['federation'])).err, /no server runs here/);
  const server = place.start(['serve']);
  await server.says('Ctrl-C stops it.');
  assert.match((await place.run(['federation'])).out, /there are no links to other servers/);
  assert.match((await place.run(['federation', 'away.example'])).out, /there is no link to away.example/);
  assert.deepEqual(JSON.parse((await place.run(['federation', '--json'])).out), { links: [], strangers: 0 });
  server.signal('SIGTERM');
  await server.ended;
});
