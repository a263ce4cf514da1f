// What the configuration says to each part, in that part's own words. Only src/app.ts, which wires the parts, needs it.

import type { Config } from './config/config.ts';
import { readSecretFile } from './config/secret-file.ts';
import { defaultSettings, defaultSmsSettings, type GatewaySettings } from './gateway/settings.ts';
import type { PresenceOptions } from './presence/view.ts';
import type { ComponentSettings } from './server/component/settings.ts';
import type { RoomsOptions } from './server/rooms/service.ts';
import { believing } from './web/caller.ts';

/** Undefined where phones may not sign in by short message. */
const smsSettings = ({ sms: { carrier, data_channel: channel } }: Config): GatewaySettings['sms'] =>
  carrier === 'none' || !channel.enabled
    ? undefined
    : {
        ...defaultSmsSettings,
        port: channel.port,
        messagesPerHour: channel.messages_per_hour,
        receivedPerHour: channel.received_per_hour,
        presenceS: channel.presence_seconds,
        redeliverS: 60 * channel.redeliver_minutes,
      };

export const componentSettings = (component: Config['components'][number]): ComponentSettings => {
  const { domain, name, on_conflict, privileges } = component;
  const secret = readSecretFile(component.secret_file, domain);
  const { roster_push: rosterPush, ...rest } = privileges;
  return { domain, secret, name, onConflict: on_conflict, privileges: { ...rest, rosterPush } };
};

export const roomsSettings = ({ domain, rooms }: Config): Pick<RoomsOptions, 'domain' | 'create' | 'limits'> => ({
  domain: rooms.domain ?? `conference.${domain}`,
  create: rooms.create,
  limits: {
    roomsMax: rooms.rooms,
    roomsPerCreatorMax: rooms.rooms_per_account,
    occupantsMax: rooms.occupants,
    affiliationsMax: rooms.affiliations,
    historyMax: rooms.history,
    historyDefault: Math.min(20, rooms.history),
    loggedMax: rooms.logged_messages,
    messagesPerSecond: rooms.messages_per_second,
    messagesBurst: 10 * rooms.messages_per_second,
    messageMax: rooms.message_characters,
  },
});

export const presenceOptions = ({ presence }: Config): Partial<PresenceOptions> => ({
  probe: presence.probe,
  agedMs: presence.aged_minutes * 60_000,
  probeTimeoutMs: presence.probe_timeout_seconds * 1000,
  spreadMs: presence.spread_seconds * 1000,
  graceMs: presence.grace_seconds * 1000,
  unconfirmedMaxMs: presence.unconfirmed_max_minutes * 60_000,
});

export const gatewaySettings = (config: Config): GatewaySettings => ({
  ...defaultSettings,
  sms: smsSettings(config),
  domain: config.domain,
  keepAlive: {
    minS: config.gateway.keep_alive_seconds.min,
    maxS: config.gateway.keep_alive_seconds.max,
    graceS: defaultSettings.keepAlive.graceS,
  },
  pollHoldS: config.gateway.poll_hold_seconds,
  serverPollMinS: config.gateway.poll_min_seconds,
  cir: {
    ...defaultSettings.cir,
    publicHost: config.cir.public_host,
    publicUrl: config.cir.public_url,
    http: config.listen.http !== false || config.listen.https !== false || config.listen.https_old !== false,
    datagramsReach: believing(config.cir.datagram_networks),
    methods: new Set(config.cir.methods),
    connectionsMax: config.cir.connections,
    repeatS: config.cir.repeat_seconds,
    fallbackS: config.cir.next_channel_seconds,
    smsPerNumberPerHour: config.cir.sms_per_number_per_hour,
    smsPerDay: config.cir.sms_per_day,
    claimedNumbers: config.cir.sms_to_claimed_numbers,
  },
  provider: { name: config.domain },
  limits: {
    ...defaultSettings.limits,
    requestBytesMax: config.limits.request_bytes,
    requestsPerSecondMax: config.limits.requests_per_second,
    sessionsMax: config.limits.phone_sessions,
    sessionsPerAccountMax: config.limits.phone_sessions_per_account,
    waitingMax: config.limits.waiting_for_phone,
    contactListsMax: config.limits.contact_lists,
    contactsPerListMax: config.limits.contacts_per_list,
    attributeListEntriesMax: config.limits.attribute_list_entries,
    blockedMax: config.limits.blocked,
    watchedMax: config.limits.watched,
    groupsMax: config.limits.groups_per_phone,
    recipientsMax: config.limits.recipients,
    invitedMax: config.limits.invited,
    searchHitsMax: config.limits.search_hits,
  },
});
