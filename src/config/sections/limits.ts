// What strangers and users may do at most.

import { section } from '../section.ts';
import { whole } from '../values.ts';

export const limits = section(
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
