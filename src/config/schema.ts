// Every key of onesoup.yaml: its kind, its default and what it is for. docs/configuration.md is made from this
// (scripts/generate-config-reference.ts). Units are spelt in the keys.

import { z } from 'zod';
import {
  domain,
  domainPattern,
  type Endpoint,
  endpoint,
  fingerprint,
  host,
  httpUrl,
  nameServer,
  network,
  oneOf,
  path,
  routes,
  telephone,
  text,
  webAddress,
  webTemplate,
  whole,
  yesOrNo,
} from './values.ts';

const on = (address: string, port: number): Endpoint => ({ host: address, port });
const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape, words: string) =>
  z
    .strictObject(shape, {
      error: (issue) => (issue.code === 'invalid_type' ? 'must be a section with keys' : undefined),
    })
    .describe(words);

const listen = section(
  {
    http: endpoint()
      .default(on('127.0.0.1', 5280))
      .describe(
        'CSP for phones (`POST /csp`, and POST on any path with a CSP content type), the web pages, `/healthz`, `/metrics`. Phones know no TLS that is still safe: give them this port, or a proxy in front of it.',
      ),
    https: endpoint().default(false).describe('The same over TLS.'),
    https_old: endpoint()
      .default(false)
      .describe(
        'CSP alone over TLS 1.0 with the ciphers of 2004, for phones that insist on `https://` and know nothing newer (docs/phones.md). It keeps out nobody who means it. Its self-signed certificate has a key of its own.',
      ),
    c2s: endpoint().default(on('0.0.0.0', 5222)).describe('XMPP clients: TCP with STARTTLS.'),
    c2s_tls: endpoint().default(on('0.0.0.0', 5223)).describe('XMPP clients: TLS from the first octet (XEP-0368).'),
    s2s: endpoint()
      .default(on('0.0.0.0', 5269))
      .describe('Other XMPP servers: TCP with STARTTLS. Nothing listens here while `federation.enabled` is false.'),
    s2s_tls: endpoint().default(false).describe('Other XMPP servers: TLS from the first octet (XEP-0368).'),
    component: endpoint()
      .default(on('127.0.0.1', 5347))
      .describe(
        'External components (XEP-0114). Nothing listens here while `components` is empty. There is no encryption on this port: keep it on loopback, or on a network of your own.',
      ),
    cir_tcp: endpoint().default(on('0.0.0.0', 3717)).describe("Phones' wake-up channel (CIR) over TCP."),
    cir_udp: endpoint().default(on('0.0.0.0', 3717)).describe("Phones' wake-up channel (CIR) over UDP."),
  },
  'Where to listen: `host:port` (IPv6 in brackets), or `false` to turn it off.',
);

const tls = section(
  {
    certificate: path('the path of a PEM file')
      .optional()
      .describe(
        'The certificate with its chain. Without it, a self-signed one is made in `data/tls` and renewed before it expires.',
      ),
    key: path('the path of a PEM file').optional().describe('The private key of `tls.certificate`.'),
    required: yesOrNo()
      .default(true)
      .describe('XMPP clients must use TLS before they sign in. `false` lets passwords travel in the clear.'),
  },
  'Certificate and encryption. Paths are relative to the configuration file.',
);

const cir = section(
  {
    public_host: host()
      .optional()
      .describe(
        'The host name or address that phones are told to open their wake-up channel to. Without it: the host they reached us at over HTTP.',
      ),
    public_url: webAddress()
      .optional()
      .describe(
        'What the addresses begin with at which phones ask over HTTP whether something waits; a proxy must hand `/cir/` behind it on to `listen.http`. Without it: where they reached us.',
      ),
    methods: z
      .array(oneOf('STCP', 'SHTTP', 'SUDP', 'WAPUDP', 'SSMS', 'WAPSMS'), {
        error: () => 'must be a list of STCP, SHTTP, SUDP, WAPUDP, SSMS and WAPSMS',
      })
      .default(['STCP', 'SHTTP', 'SUDP', 'WAPUDP', 'SSMS', 'WAPSMS'])
      .describe('The channels that may be agreed with a phone that asks for them, as far as they are there.'),
    connections: whole(1, 100_000)
      .default(10_000)
      .describe(
        'TCP connections of phones at a time. Each is an open file: the limit of the process (`ulimit -n`) must be above all that it has.',
      ),
    datagram_networks: z
      .array(network(), { error: () => 'must be a list of IP addresses or networks' })
      .default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10'])
      .describe(
        'Where phones are that our datagrams reach, that is, without address translation or firewall in between: SUDP and WAPUDP are agreed with phones there only. A phone that believes in a channel that does not work stops polling. Everywhere: `[0.0.0.0/0, "::/0"]`.',
      ),
    repeat_seconds: whole(30, 600)
      .default(45)
      .describe('A phone that does not come is woken again after this; later, after twice as long, and so on.'),
    next_channel_seconds: whole(5, 300)
      .default(20)
      .describe('… and over the next channel that was agreed with it after this.'),
    sms_per_number_per_hour: whole(1, 1000)
      .default(20)
      .describe('Wake-ups by short message to one number within an hour, at most.'),
    sms_per_day: whole(0, 100_000).default(5000).describe('… and to all phones within a day.'),
    sms_to_claimed_numbers: yesOrNo()
      .default(false)
      .describe(
        'May they go to a number that a phone only claims to have? Anybody with an account could then have messages sent to somebody else, at your expense: five a day to a number, and five for an account.',
      ),
  },
  'How phones are woken (the CIR channel, docs/cir.md); its listeners are `listen.cir_tcp` and `listen.cir_udp`.',
);

const backend = z.strictObject({
  domain: domain().describe("The XMPP domain whose users may sign in, with their own server's password."),
  host: host().describe('Where that server listens for clients.'),
  port: whole(1, 65_535).default(5222).describe('… and on which port.'),
  tls: oneOf('required', 'optional', 'off', 'direct')
    .default('required')
    .describe(
      '`required`: STARTTLS with a certificate that is valid for the domain. `direct`: the same, TLS from the first octet. `optional`: STARTTLS where it is offered, whatever the certificate. `off`: never.',
    ),
  ca: path('the path of a PEM file')
    .optional()
    .describe('Certificates to trust for this server instead of the public authorities.'),
});

const gateway = section(
  {
    backends: z
      .array(backend, { error: () => 'must be a list of { domain, host, port, tls, ca }' })
      .max(1000, { error: () => 'must be a list of at most 1000 servers' })
      .default([])
      .describe('XMPP servers, other than our own, whose users may sign in from a phone.'),
    poll_hold_seconds: whole(0, 15)
      .default(8)
      .describe('How long the poll of a phone without wake-up channel is held open for news; 0: not at all.'),
    poll_min_seconds: whole(1, 3600).default(10).describe('The least time between polls that phones are told.'),
    content: section(
      {
        fetch: yesOrNo()
          .default(true)
          .describe(
            'May pictures and files that people send as links be fetched for phones? `false`: phones are shown the links; what was uploaded here they get all the same.',
          ),
        bytes: whole(10_000, 100_000_000).default(8_388_608).describe('The largest file that is fetched for a phone.'),
        files_at_once: whole(3, 1000)
          .default(9)
          .describe(
            'Files that are in memory at a time, each of up to `bytes`. One sender and one host have a third of these places at most.',
          ),
        networks: z
          .array(network(), { error: () => 'must be a list of IP addresses or networks' })
          .max(100, { error: () => 'must be a list of at most 100 networks' })
          .default([])
          .describe(
            'Private networks that links may lead to, such as the one of a backend that keeps uploads. Otherwise only public addresses are fetched from and uploaded to: strangers could have this machine speak to its neighbours.',
          ),
      },
      'Pictures and other contents beside text (docs/pictures.md).',
    ).prefault({}),
    map: webTemplate('latitude', 'longitude')
      .default('https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}')
      .describe('The map that CSP 1.3 phones are sent to when they ask where somebody is. `false`: none is offered.'),
    keep_alive_seconds: section(
      {
        min: whole(180, 86_400).default(300).describe('… at least. Some phones keep no session alive below 180.'),
        max: whole(180, 86_400).default(7200).describe('… at most.'),
      },
      'How long a phone may be silent before its session ends.',
    ).prefault({}),
  },
  'Phones.',
);

const privileges = section(
  {
    roster: oneOf('none', 'get', 'set', 'both').default('none').describe('May it read and change contact lists?'),
    roster_push: yesOrNo().default(true).describe('Is it told of changes in contact lists that it may read?'),
    message: oneOf('none', 'outgoing').default('none').describe('May it send messages in the name of users?'),
    presence: oneOf('none', 'managed_entity', 'roster')
      .default('none')
      .describe(
        'Whose presence is it shown: that of users (`managed_entity`), or of their contacts too (`roster`, which needs `roster` to be get or both)?',
      ),
    iq: z
      .array(
        z.strictObject({
          namespace: text('the name of an XML namespace', 1000).describe('What it may ask for: an XML namespace.'),
          type: oneOf('get', 'set', 'both').describe('… and how.'),
        }),
        { error: () => 'must be a list of { namespace, type }' },
      )
      .max(100, { error: () => 'must be a list of at most 100 namespaces' })
      .default([])
      .describe('Requests it may send in the name of users.'),
  },
  'What it may do in the name of the users of this server (XEP-0356): all of it is power over every account, so name only what it needs.',
);

const component = z.strictObject({
  domain: domain().describe('The domain it speaks for, such as irc.home.test.'),
  secret_file: path().describe('A file that holds the secret it connects with, and nothing else.'),
  name: text('a text of at most 200 characters', 200).optional().describe('How clients show it in a list of services.'),
  on_conflict: oneOf('refuse', 'replace')
    .default('refuse')
    .describe('A second connection for the domain is refused, or takes the place of the first.'),
  privileges: privileges.prefault({}),
});

const peer = z.strictObject({
  domain: domain().describe('A domain we have agreed on something with, or that lies behind a constrained link.'),
  tls: oneOf('required', 'optional', 'off')
    .optional()
    .describe('As `federation.tls`; `off`: never, for networks that are closed already.'),
  pins: z
    .array(fingerprint(), { error: () => 'must be a list of SHA-256 fingerprints' })
    .max(20, { error: () => 'must be a list of at most 20 fingerprints' })
    .default([])
    .describe(
      'SHA-256 of its certificate or of its public key (`onesoup federation` shows it). With pins nothing else proves who it is, whatever authority signed it.',
    ),
  dialback: oneOf('allowed', 'never').optional().describe('As `federation.dialback`.'),
  bidi: yesOrNo().default(true).describe('One connection for both directions where it can (XEP-0288).'),
  keep_open: yesOrNo()
    .default(false)
    .describe('The connection is made at the start, made again whenever it is lost, and never closed for being idle.'),
  keep_alive_seconds: whole(0, 86_400)
    .default(0)
    .describe('White space on an idle connection after so long, for firewalls that forget; 0: none.'),
  queue_seconds: whole(1, 604_800)
    .optional()
    .describe('As `federation.queue_seconds`: hours, say, for a ship that is out of reach at times.'),
});

const federation = section(
  {
    enabled: yesOrNo().default(true).describe('`false`: messages to other servers are refused, and none may connect.'),
    routes: routes()
      .default({})
      .describe('Servers that are not looked up in DNS: closed networks. `example.org: 10.0.0.7:5269`.'),
    dns: z
      .array(nameServer(), { error: () => 'must be a list of name servers' })
      .default([])
      .describe("Name servers to ask; empty: the system's (/etc/resolv.conf). /etc/hosts is not read."),
    loopback: yesOrNo()
      .default(false)
      .describe(
        'May DNS lead to loopback and link-local addresses? Otherwise strangers could have this machine speak to itself. Routes may at any rate.',
      ),
    ca: path('the path of a PEM file')
      .optional()
      .describe('Authorities to trust for other servers, beside the public ones.'),
    tls: oneOf('required', 'optional')
      .default('required')
      .describe('`optional`: servers that offer no TLS are spoken to without, and may come without.'),
    dialback: oneOf('allowed', 'never')
      .default('allowed')
      .describe(
        'May a server prove its domain by dialback (XEP-0220), which trusts DNS? `never`: only with a certificate that is valid for it; many servers have none.',
      ),
    allow: z
      .array(domainPattern(), { error: () => 'must be a list of domains' })
      .default([])
      .describe('The only domains to speak with; empty: all. Those in `federation.peers` are always among them.'),
    deny: z
      .array(domainPattern(), { error: () => 'must be a list of domains' })
      .default([])
      .describe('Domains not to speak with, whatever `federation.allow` says.'),
    queue_seconds: whole(10, 604_800)
      .default(600)
      .describe(
        'How long a message waits for a server that cannot be reached, before its sender is told. It is kept on disk meanwhile.',
      ),
    idle_minutes: whole(1, 10_080).default(15).describe('A connection nothing went over for so long is closed.'),
    connections_per_address: whole(1, 100_000)
      .default(50)
      .describe('Connections of other servers from one IP address at a time.'),
    stanza_bytes: whole(10_000, 10_000_000).default(262_144).describe('The largest stanza of another server.'),
    stanzas_per_second: whole(10, 100_000)
      .default(1000)
      .describe('Stanzas read from one connection, on average; a faster server is read more slowly.'),
    peers: z
      .array(peer, { error: () => 'must be a list of { domain, … }' })
      .max(1000, { error: () => 'must be a list of at most 1000 servers' })
      .default([])
      .describe('Servers that something was agreed on with (XEP-0361).'),
  },
  'Other XMPP servers (docs/federation.md).',
);

const presence = section(
  {
    probe: oneOf('always', 'aged', 'blind')
      .default('aged')
      .describe(
        "When contacts' servers are asked. `aged`: when what is known of a contact has aged, whether or not the user is signed in; a sign-in brings forward only what is due already. `blind`: the same, and a sign-in changes nothing, so that nobody can tell from probes when it was. `always`: also at each sign-in, as RFC 6121 §4.2.2 has it.",
      ),
    aged_minutes: whole(5, 1440)
      .default(45)
      .describe(
        'What is known of a contact has aged after about this long without news (three to five quarters of it).',
      ),
    probe_timeout_seconds: whole(5, 3600)
      .default(60)
      .describe('A contact whose server does not answer for this long, though it can be reached, is shown as offline.'),
    spread_seconds: whole(1, 3600)
      .default(120)
      .describe('Questions that fall due together (at a start, when a link is back) are spread over this long.'),
    grace_seconds: whole(0, 86_400)
      .default(600)
      .describe(
        'For how long contacts are shown as last known, unconfirmed, while their server cannot be reached; then as offline.',
      ),
    unconfirmed_max_minutes: whole(1, 10_080)
      .default(60)
      .describe(
        'However often a link comes and goes, or this server restarts: what nothing has confirmed for this long is not shown. Never less than it takes to ask: five quarters of `aged_minutes`, and `probe_timeout_seconds`.',
      ),
  },
  "What is known of other servers' users, and shown at once at sign-in (docs/presence.md).",
);

const store = section(
  {
    synchronous: oneOf('normal', 'full')
      .default('normal')
      .describe(
        '`normal`: what was acknowledged survives the death of the program, `kill -9` included; a power cut or a crash of the operating system may take the last moments. `full`: every commit waits for the disk and survives a power cut too, as far as the disk tells the truth; several times slower.',
      ),
  },
  'The database, `data/onesoup.db`.',
);

const limits = section(
  {
    stanza_bytes: whole(10_000, 10_000_000).default(262_144).describe('The largest stanza of an XMPP client.'),
    stanzas_per_second: whole(10, 10_000)
      .default(250)
      .describe('Stanzas read from one XMPP client, on average; a faster one is read more slowly, not refused.'),
    presence_characters: whole(1000, 100_000)
      .default(8192)
      .describe('The largest presence stanza; it goes to every contact.'),
    request_bytes: whole(10_000, 10_000_000).default(524_288).describe('The largest HTTP request.'),
    requests_per_second: whole(1, 1000).default(10).describe("Requests of one phone's session, averaged over 10 s."),
    sessions_per_account: whole(1, 1000).default(20).describe('Sessions of one account at a time.'),
    phone_sessions_per_account: whole(1, 100).default(8).describe('… and those of phones among them.'),
    phone_sessions: whole(1, 1_000_000)
      .default(20_000)
      .describe('Sessions of phones in all; who wants one more is told to try later (503).'),
    waiting_for_phone: whole(10, 100_000)
      .default(1000)
      .describe(
        'Messages and news that wait for one phone; further messages go back to their senders. As many of its own may wait for a server that cannot be reached, then the phone is refused (507).',
      ),
    contact_lists: whole(1, 1000)
      .default(50)
      .describe("Contact lists on an account's phones; one more is refused (753)."),
    contacts_per_list: whole(1, 100_000)
      .default(1000)
      .describe('Contacts in one of them (754); in all: `roster_items`.'),
    attribute_list_entries: whole(1, 100_000)
      .default(1000)
      .describe('People and lists that an account shows presence of their own choosing to (755).'),
    blocked: whole(1, 100_000)
      .default(1000)
      .describe('Addresses that an account blocks; for a phone (402) also those that it grants.'),
    watched: whole(10, 100_000).default(5000).describe('People whose presence one phone follows (402).'),
    groups_per_phone: whole(1, 1000).default(20).describe('Groups that one phone is in at a time (814).'),
    recipients: whole(1, 10_000).default(500).describe("Recipients of one message of a phone's (402)."),
    invited: whole(1, 10_000).default(100).describe('… and of one invitation (402).'),
    search_hits: whole(1, 500)
      .default(100)
      .describe('People that a search in our directory may find; one that finds more is refused (536 for a phone).'),
    connections_per_address: whole(1, 100_000)
      .default(200)
      .describe('Connections of XMPP clients from one IP address at a time.'),
    http_connections_per_address: whole(1, 1_000_000)
      .default(1000)
      .describe(
        'HTTP connections from one IP address at a time; many phones may share the one of their operator. Those of `web.trusted_proxies` are not counted.',
      ),
    sign_in_attempts: whole(2, 6).default(3).describe('Wrong passwords on one XMPP connection before it is closed.'),
    sign_in_seconds: whole(5, 600).default(60).describe('How long an XMPP client may take to sign in.'),
    registrations_per_hour: whole(0, 10_000).default(10).describe('New accounts from one IP address.'),
    settings_messages_per_day: whole(0, 100_000)
      .default(100)
      .describe(
        'Short messages with settings that people have the web page send to phones; 0: none. It sends them only where `web.phone_url` says what is in them.',
      ),
    password_characters_min: whole(1, 100).default(4).describe('The shortest password of a new account.'),
    roster_items: whole(10, 100_000).default(2000).describe('Contacts of one account.'),
    offline_messages: whole(0, 100_000).default(1000).describe('Messages kept for an account; more are refused.'),
    offline_bytes: whole(65_536, 1_000_000_000).default(4_194_304).describe('… and octets of them.'),
    private_bytes: whole(0, 100_000_000).default(1_048_576).describe("Octets of an account's private data and vCard."),
    pubsub_nodes: whole(0, 10_000).default(256).describe('Nodes of one account (XEP-0163: avatar, mood, bookmarks …).'),
    pubsub_bytes: whole(0, 1_000_000_000).default(2_097_152).describe('… and octets in all of them.'),
    resume_seconds: whole(0, 86_400)
      .default(300)
      .describe('How long the session of an XMPP client that lost its connection waits for it (XEP-0198).'),
  },
  'What one account, one address, one stranger may cost.',
);

const rooms = section(
  {
    enabled: yesOrNo().default(true).describe('Are there rooms?'),
    domain: domain()
      .optional()
      .describe(
        'The domain of the rooms. Without it: `conference.` before ours, where clients look first. Other servers reach it only if DNS names it.',
      ),
    create: oneOf('anyone', 'local', 'nobody')
      .default('local')
      .describe('Who may make rooms: whoever can reach us, those with an account here, or nobody.'),
    rooms: whole(1, 1_000_000).default(10_000).describe('Rooms at a time.'),
    rooms_per_account: whole(1, 100_000).default(100).describe('… and of those, rooms made by one account.'),
    occupants: whole(2, 10_000).default(500).describe('Occupants of one room at most; its owner may choose fewer.'),
    affiliations: whole(10, 100_000)
      .default(5000)
      .describe('Members, admins, owners and banned users of one room together.'),
    history: whole(0, 1000)
      .default(100)
      .describe('Messages of one room kept for those who enter, at most; a new room keeps 20 of them.'),
    logged_messages: whole(0, 1_000_000)
      .default(10_000)
      .describe('Messages kept of a persistent room whose owner has switched logging on.'),
    messages_per_second: whole(1, 1000)
      .default(4)
      .describe('Messages of one account to one room, on average; more are refused.'),
    message_characters: whole(1000, 262_144).default(65_536).describe('The largest message to a room.'),
  },
  'Rooms for many (Multi-User Chat, XEP-0045), see docs/rooms.md.',
);

const sms = section(
  {
    carrier: oneOf('none', 'smpp', 'kannel')
      .default('none')
      .describe(
        'Who carries short messages: an SMSC over SMPP 3.4, Kannel (or a gateway with its HTTP interface), or nobody.',
      ),
    number: telephone()
      .optional()
      .describe(
        'The number our messages come from, and phones send theirs to: international, digits only, or a short code.',
      ),
    messages_per_second: whole(1, 1000).default(10).describe('Short messages given to the carrier, at most.'),
    window: whole(1, 100).default(10).describe('… and those it has not answered yet.'),
    smpp: section(
      {
        host: host().default('localhost').describe('Where the SMSC listens.'),
        port: whole(1, 65_535).default(2775).describe('… and on which port.'),
        tls: yesOrNo().default(false).describe('TLS from the first octet.'),
        ca: path('the path of a PEM file').optional().describe('Authorities to trust for it, beside the public ones.'),
        system_id: text('a text of at most 15 characters', 15).default('onesoup').describe('The name to bind with.'),
        password_file: path().optional().describe('A file that holds the password to bind with, and nothing else.'),
        system_type: text('a text of at most 12 characters', 12)
          .optional()
          .describe('The system type, where the SMSC asks for one.'),
        enquire_link_seconds: whole(5, 3600).default(30).describe('The connection is tried after so long.'),
      },
      'The SMSC, with carrier `smpp`.',
    ).prefault({}),
    kannel: section(
      {
        url: httpUrl('the URL of a sendsms page, such as http://127.0.0.1:13013/cgi-bin/sendsms')
          .default('http://127.0.0.1:13013/cgi-bin/sendsms')
          .describe('The sendsms page.'),
        method: oneOf('get', 'post')
          .default('get')
          .describe('How it is asked: `post` keeps passwords out of its logs.'),
        username: text('a text of at most 100 characters', 100).default('onesoup').describe('The user at Kannel.'),
        password_file: path().optional().describe("A file that holds that user's password, and nothing else."),
        smsc: text('a text of at most 100 characters', 100).optional().describe('The route that Kannel is to use.'),
        incoming_secret_file: path()
          .optional()
          .describe('A file with the secret that Kannel shows when it brings a message to `/sms/incoming`.'),
        incoming_from: z
          .array(network(), { error: () => 'must be a list of IP addresses or networks' })
          .default(['127.0.0.1', '::1'])
          .describe('Where Kannel may come from.'),
      },
      'Kannel, with carrier `kannel`.',
    ).prefault({}),
    data_channel: section(
      {
        enabled: yesOrNo()
          .default(true)
          .describe('May phones sign in and chat by short message, in the plain text syntax (PTS)?'),
        port: whole(1, 65_535).default(3590).describe('The port of their messages; Android has 3590.'),
        messages_per_hour: whole(1, 100_000)
          .default(120)
          .describe('Short messages sent to one number in an hour, at most: each costs somebody money.'),
        received_per_hour: whole(1, 100_000)
          .default(240)
          .describe('Short messages of one number that are looked at in an hour.'),
        presence_seconds: whole(0, 3600)
          .default(60)
          .describe('News of presence are gathered for so long before they are sent; messages go at once.'),
        redeliver_minutes: whole(1, 1440)
          .default(10)
          .describe('What a phone has not acknowledged is sent again after so long.'),
      },
      'Phones on short messages instead of HTTP.',
    ).prefault({}),
  },
  'Short messages (docs/sms.md).',
);

const uploads = section(
  {
    enabled: yesOrNo().default(true).describe('May files be uploaded?'),
    domain: domain()
      .optional()
      .describe('The address of the service over XMPP. Without it: `upload.` before our domain.'),
    url: webAddress()
      .optional()
      .describe(
        'Where the world reaches our web server: what addresses of files begin with. Apps want https. Without it: `listen.https` at our domain if it is on, else `listen.http`.',
      ),
    file_bytes: whole(1000, 10_000_000_000).default(10_485_760).describe('The largest file.'),
    account_bytes: whole(1000, 1_000_000_000_000).default(104_857_600).describe('What one account may have uploaded.'),
    total_bytes: whole(1000, 100_000_000_000_000).default(5_368_709_120).describe('… and all accounts together.'),
    days: whole(1, 3650).default(30).describe('A file is removed after so long.'),
    bytes_per_second_min: whole(0, 1_000_000)
      .default(500)
      .describe(
        'An upload that is slower for half a minute is given up (408): its place is wanted. 0: only one of which nothing comes.',
      ),
  },
  'Files and pictures that apps and phones send (HTTP File Upload, XEP-0363), see docs/pictures.md. They are in `data/uploads`.',
);

const web = section(
  {
    trusted_proxies: z
      .array(network(), { error: () => 'must be a list of IP addresses or networks' })
      .default([])
      .describe('Proxies in front of `listen.http` whose X-Forwarded-For is believed.'),
    phone_url: webAddress()
      .optional()
      .describe(
        'Where phones reach this server, such as http://chat.example.org: what settings tell them, on pages and in messages, with `/csp` behind it. Without it: what the page was opened by.',
      ),
    number_gateways: z
      .array(network(), { error: () => 'must be a list of IP addresses or networks' })
      .default([])
      .describe(
        "WAP gateways of a mobile operator that tell a phone's number in a header (X-MSISDN and its like) and take away what phones write there themselves. From anywhere else such a header is not read.",
      ),
    admin_token_file: path()
      .optional()
      .describe(
        'A file with a secret of at least 20 characters. With it, `GET /admin/api/presence/ADDRESS` answers whoever shows the secret (`Authorization: Bearer …`), over TLS or from this machine. Without it, there is no admin API.',
      ),
  },
  'The web pages.',
);

const log = section(
  {
    level: oneOf('debug', 'info', 'warn', 'error').default('info').describe('How much is told.'),
    pretty: oneOf('auto', 'always', 'never')
      .default('auto')
      .describe('Lines for people (`always`), JSON for programs (`never`), or by whether the output is a terminal.'),
  },
  'What the program tells about its work, on standard output.',
);

export const schema = z
  .strictObject(
    {
      domain: domain().default('localhost').describe('The XMPP domain, and the domain of `wv:` addresses.'),
      data: path('the path of a directory')
        .default('./data')
        .describe(
          'Where everything is kept: the database, keys, the self-signed certificate. Relative to the configuration file.',
        ),
      listen: listen.prefault({}),
      tls: tls.prefault({}),
      registration: oneOf('open', 'closed')
        .default('open')
        .describe('May strangers make accounts, over XMPP (XEP-0077) and on the web page?'),
      cir: cir.prefault({}),
      gateway: gateway.prefault({}),
      components: z
        .array(component, { error: () => 'must be a list of { domain, secret_file, name, on_conflict, privileges }' })
        .max(100, { error: () => 'must be a list of at most 100 components' })
        .default([])
        .describe(
          'Programs that add a domain to this server, such as gateways to other networks (docs/components.md).',
        ),
      federation: federation.prefault({}),
      rooms: rooms.prefault({}),
      presence: presence.prefault({}),
      store: store.prefault({}),
      sms: sms.prefault({}),
      uploads: uploads.prefault({}),
      web: web.prefault({}),
      limits: limits.prefault({}),
      log: log.prefault({}),
    },
    { error: (issue) => (issue.code === 'invalid_type' ? 'must be keys and values' : undefined) },
  )
  .check((context) => {
    const { tls, gateway, federation, components, rooms, sms, uploads, web, domain } = context.value;
    const refuse = (path: PropertyKey[], message: string): void =>
      void context.issues.push({ code: 'custom', path, message, input: context.value });
    if ((tls.certificate === undefined) !== (tls.key === undefined))
      refuse(['tls'], 'must have both certificate and key, or neither');
    if (web.phone_url?.endsWith('/csp')) refuse(['web', 'phone_url'], 'must be without /csp, which is put behind it');
    const { min, max } = gateway.keep_alive_seconds;
    if (min > max) refuse(['gateway', 'keep_alive_seconds', 'min'], `must not be more than max, which is ${max}`);
    if (sms.carrier !== 'none' && sms.number === undefined) refuse(['sms', 'number'], 'must be there with a carrier');
    if (sms.carrier === 'smpp' && sms.smpp.password_file === undefined)
      refuse(['sms', 'smpp', 'password_file'], 'must be there with carrier smpp');
    if (sms.carrier === 'kannel')
      for (const key of ['password_file', 'incoming_secret_file'] as const)
        if (sms.kannel[key] === undefined) refuse(['sms', 'kannel', key], 'must be there with carrier kannel');
    const peers = new Set([domain]);
    for (const [n, { domain: other }] of federation.peers.entries()) {
      if (peers.has(other))
        refuse(
          ['federation', 'peers', n, 'domain'],
          other === domain ? 'must not be our own domain' : 'must not be used twice',
        );
      peers.add(other);
    }
    if (domain in federation.routes) refuse(['federation', 'routes', domain], 'must not be our own domain');
    const seen = new Set([domain]);
    for (const [n, { domain: other }] of gateway.backends.entries()) {
      if (seen.has(other))
        refuse(['gateway', 'backends', n, 'domain'], other === domain ? 'is our own domain' : 'is there twice');
      seen.add(other);
    }
    if (rooms.enabled) {
      const roomsDomain = rooms.domain ?? `conference.${domain}`;
      if (seen.has(roomsDomain)) refuse(['rooms', 'domain'], 'must be a domain that nothing else has');
      seen.add(roomsDomain);
    }
    if (uploads.enabled) {
      const uploadDomain = uploads.domain ?? `upload.${domain}`;
      if (seen.has(uploadDomain)) refuse(['uploads', 'domain'], 'must be a domain that nothing else has');
      if (uploads.account_bytes < uploads.file_bytes)
        refuse(['uploads', 'account_bytes'], `must not be less than file_bytes, which is ${uploads.file_bytes}`);
      seen.add(uploadDomain);
    }
    for (const [n, { domain: other, privileges }] of components.entries()) {
      if (seen.has(other))
        refuse(['components', n, 'domain'], other === domain ? 'must not be our own domain' : 'must not be used twice');
      seen.add(other);
      if (privileges.presence === 'roster' && privileges.roster !== 'get' && privileges.roster !== 'both')
        refuse(
          ['components', n, 'privileges', 'presence'],
          'must be none or managed_entity unless privileges.roster is get or both',
        );
    }
  });
