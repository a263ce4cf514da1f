// The composition root: the only place that names concrete parts. Reads top to bottom: what is kept, the server, the
// gateway, the web, and then the listeners.

import { readFileSync } from 'node:fs';
import { componentSettings, gatewaySettings, presenceOptions, roomsSettings } from './app-settings.ts';
import { type Clock, systemClock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import { type Random, systemRandom } from './base/random.ts';
import { Throttle } from './base/throttle.ts';
import { carrierSettings } from './cli/carrier.ts';
import { claimControl } from './cli/control-server.ts';
import { databaseFile, keysDirectory, openStore, tlsDirectory, uploadsDirectory } from './cli/data.ts';
import { accountOperations } from './cli/operations.ts';
import type { RunningApp } from './cli/serve.ts';
import type { Config, Endpoint } from './config/config.ts';
import { uploadsUrl } from './config/uploads-url.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { contentEvents } from './gateway/services/content/events.ts';
import { pictureDesk } from './gateway/services/content/pictures/desk.ts';
import { turns } from './gateway/services/content/turns.ts';
import { noWeb, withOwnFiles } from './gateway/services/content/web/own.ts';
import { createWebClient } from './gateway/services/content/web/web.ts';
import { services } from './gateway/services/index.ts';
import { maps } from './gateway/services/map/index.ts';
import { type Components, createComponents } from './server/component/components.ts';
import { setListed } from './server/features/directory/listed.ts';
import { joinRooms } from './server/rooms/join.ts';
import { openRooms } from './server/rooms/service.ts';
import { configuredSettings, trustedAuthorities } from './server/s2s/configured.ts';
import { createFederation, type Federation } from './server/s2s/federation.ts';
import { createServer } from './server/server.ts';
import { joinUploads } from './server/uploads/join.ts';
import { openUploads, type Uploads } from './server/uploads/service.ts';
import { type CreatedCarrier, createCarrier } from './sms/create.ts';
import { ownTlsFiles, readTlsFiles } from './store/tls-files.ts';
import { PasswordVault } from './store/vault.ts';
import { tokenCharactersMin } from './web/admin.ts';
import { createPhoneDoor, createWeb, type WebParts } from './web/app.ts';
import { createMetrics } from './web/metrics.ts';
import { settingsDesk } from './web/settings-desk.ts';
import { signUpDesk } from './web/sign-up-desk.ts';
import { c2sLinks } from './xmpp/client/link.ts';
import { systemNet } from './xmpp/connect/dial.ts';
import { dnsResolver } from './xmpp/connect/resolver.ts';
import { acceptS2s } from './xmpp/s2s/accept.ts';
import { openS2s } from './xmpp/s2s/open.ts';
import { s2sResumables } from './xmpp/s2s/resumption.ts';
import { s2sTlsContext } from './xmpp/s2s/tls.ts';
import { serverTlsContext } from './xmpp/stream/tls.ts';

const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly name: string;
  readonly version: string;
};

export interface App extends RunningApp {
  readonly gateway: Gateway;
}

/** What is open and must be closed, last opened first; also when starting fails half-way. */
class Opened {
  readonly #closers: (() => Promise<unknown> | unknown)[] = [];

  add<Thing>(thing: Thing, close: (thing: Thing) => Promise<unknown> | unknown): Thing {
    this.#closers.push(() => close(thing));
    return thing;
  }

  async close(log: Log): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (cause) {
        log.error({ err: cause }, 'a part did not close as it should');
      }
    }
  }
}

/** Starts everything. Rejects when a part cannot start, after closing those that had. */
export const startApp = async (
  config: Config,
  log: Log,
  { clock = systemClock, random = systemRandom }: { readonly clock?: Clock; readonly random?: Random } = {},
): Promise<App> => {
  const opened = new Opened();
  try {
    return await start(config, log, clock, random, opened);
  } catch (cause) {
    await opened.close(log);
    throw cause;
  }
};

const start = async (config: Config, log: Log, clock: Clock, random: Random, opened: Opened): Promise<App> => {
  const { domain, listen, limits } = config;
  const metrics = createMetrics(true);
  const { meter } = metrics;

  // What is kept.
  const control = opened.add(await claimControl(config.data, domain, log.child({ part: 'control' })), (it) =>
    it.close(),
  );
  const store = opened.add(openStore(config), (it) => it.close());
  const vault = new PasswordVault(keysDirectory(config), store, random);
  const { certificate, key } = config.tls;
  const tls =
    certificate !== undefined && key !== undefined
      ? readTlsFiles(certificate, key)
      : await ownTlsFiles(tlsDirectory(config), domain, clock.wall());
  const secureContext = serverTlsContext({ cert: tls.certificate, key: tls.key });
  if (!tls.covers(domain)) log.warn({ certificate: tls.certificateFile }, `the certificate is not for ${domain}`);

  // Guesses at a password count together, through whichever door they come.
  const signIns = new Throttle(clock);
  // The server. Links to other servers are closed after it: its users' last words go over them.
  const links: { federation?: Federation } = {};
  opened.add(links, (it) => it.federation?.stop());
  const attached: { components?: Components } = {};
  opened.add(attached, (it) => it.components?.close());
  const phones: { gateway?: Gateway } = {};
  const server = opened.add(
    createServer({
      domains: [domain],
      registration: config.registration,
      limits: {
        sessionsPerAccountMax: limits.sessions_per_account,
        rosterItemsMax: limits.roster_items,
        keptMessagesMax: limits.offline_messages,
        keptBytesMax: limits.offline_bytes,
        presenceMax: limits.presence_characters,
        privateBytesMax: limits.private_bytes,
        pubsubNodesMax: limits.pubsub_nodes,
        pubsubBytesMax: limits.pubsub_bytes,
        registrationsPerHour: limits.registrations_per_hour,
        passwordCharactersMin: limits.password_characters_min,
        directoryHitsMax: limits.search_hits,
        blockedMax: limits.blocked,
      },
      // The password kept for a phone's digest follows the account's password, whoever changes it.
      passwordChanged: async (account, password) => {
        const address = account.toString();
        if (await store.devicePasswords.get(address)) await vault.keepDevicePassword(address, password);
        // A phone's session needs no password: one that was lost or stolen is out from now on.
        phones.gateway?.signOut({ user: address }, 'The password was changed. Please sign in again.');
      },
      presence: presenceOptions(config),
      software: { name, version },
      signIns,
      store,
      clock,
      random,
      log: log.child({ part: 'server' }),
      meter,
    }),
    (it) => it.shutdown(),
  );
  const accounts = server.accounts(domain);
  const components = createComponents({
    server,
    components: config.components.map(componentSettings),
    clock,
    random,
    log: log.child({ part: 'components' }),
    meter,
  });
  attached.components = components;

  if (config.rooms.enabled) {
    const rooms = await openRooms({
      ...roomsSettings(config),
      server: { ...server, hasAccounts: (name) => server.hosts.has(name) },
      store,
      clock,
      random,
      log: log.child({ part: 'rooms' }),
      meter,
    });
    opened.add(joinRooms(server, rooms), (it) => it[Symbol.dispose]());
    opened.add(rooms, (it) => it.close());
  }

  let uploads: Uploads | undefined;
  if (config.uploads.enabled) {
    const url = uploadsUrl(config);
    uploads = await openUploads({
      domain: config.uploads.domain ?? `upload.${domain}`,
      url,
      directory: uploadsDirectory(config),
      secret: vault.lastingSecret('slots for uploads'),
      limits: {
        fileMax: config.uploads.file_bytes,
        accountMax: config.uploads.account_bytes,
        totalMax: config.uploads.total_bytes,
        keptMs: config.uploads.days * 24 * 60 * 60_000,
        bytesPerSecondMin: config.uploads.bytes_per_second_min,
      },
      server: { route: (stanza) => server.route(stanza), hasAccounts: (name) => server.hosts.has(name) },
      store,
      clock,
      random,
      log: log.child({ part: 'uploads' }),
      meter,
    });
    opened.add(joinUploads(server, uploads), (it) => it[Symbol.dispose]());
    opened.add(uploads, (it) => it.close());
    if (config.uploads.url === undefined)
      log.info({ url }, 'uploads.url is not set: files are offered at this address');
  }

  // Other servers.
  if (config.federation.enabled) {
    const peersSecret = vault.lastingSecret('what is kept of other servers');
    links.federation = createFederation({
      server,
      store: store.federation,
      settings: configuredSettings(config.federation),
      secureContext: s2sTlsContext({ cert: tls.certificate, key: tls.key, ca: trustedAuthorities(config.federation) }),
      dialbackSecret: vault.lastingSecret('keys of server dialback'),
      seal: {
        seal: (plain) => vault.sealWith(peersSecret, plain),
        open: (sealed) => vault.openWith(peersSecret, sealed),
      },
      resolver: dnsResolver(config.federation.dns),
      net: systemNet,
      openS2s,
      acceptS2s,
      resumables: s2sResumables(),
      clock,
      random,
      log: log.child({ part: 'federation' }),
      meter,
    });
    await links.federation.load();
    server.federate(links.federation.carrier);
  }
  const { federation } = links;
  // Who is online where, as far as it was known, is there before anybody comes in.
  await server.start();

  // The gateway: an XMPP client of our own server and of the backends.
  const providers = [
    ...server.links,
    ...config.gateway.backends.map((backend) =>
      c2sLinks({
        server: {
          domain: backend.domain,
          host: backend.host,
          port: backend.port,
          tls: backend.tls,
          ...(backend.ca !== undefined && { ca: readFileSync(backend.ca, 'utf8') }),
        },
        clock,
        random,
        log: log.child({ part: 'link', domain: backend.domain }),
      }),
    ),
  ];
  const smsCarrier = carrierSettings(config);
  const sms: Partial<CreatedCarrier> = smsCarrier
    ? createCarrier(smsCarrier, { clock, random, log: log.child({ part: 'sms' }), meter })
    : {};
  opened.add(sms, (it) => it.carrier?.close());
  const client = createWebClient({ networks: config.gateway.content.networks, software: `${name}/${version}` });
  const beyond = config.gateway.content.fetch ? client : { ...client, get: noWeb.get };
  const pictures = opened.add(pictureDesk({ clock, log: log.child({ part: 'pictures' }), meter }), (it) => it.close());
  const gateway = opened.add(
    createGateway({
      contents: {
        web: uploads ? withOwnFiles(uploads, beyond) : beyond,
        pictures,
        bytesMax: config.gateway.content.bytes,
        turns: turns(config.gateway.content.files_at_once),
        events: contentEvents(meter),
      },
      sms: sms.carrier,
      settings: gatewaySettings(config),
      providers,
      services: config.gateway.map === false ? services : [...services, maps(config.gateway.map)],
      store,
      vault,
      throttle: signIns,
      clock,
      random,
      log: log.child({ part: 'gateway' }),
      meter,
    }),
    (it) => it.shutdown(),
  );
  phones.gateway = gateway;
  // Phones' sessions are back before anything of theirs can arrive: a HELO that finds none makes a phone give CIR up.
  await gateway.start();
  const cirTcp = await listenAt(listen.cir_tcp, (where) => gateway.listenCirTcp(where));
  const cirUdp = await listenAt(listen.cir_udp, (where) => gateway.listenCirUdp(where));

  // The web.
  const operations = accountOperations({
    server,
    accounts,
    domain,
    store,
    vault,
    federation,
    gateway,
    smsCarrier: sms.carrier,
  });
  const adminToken = readAdminToken(config);
  const signUp = signUpDesk({
    domain,
    isOpen: config.registration === 'open',
    phoneUrl: config.web.phone_url,
    oldHttpsPort: listen.https_old === false || listen.https_old.port === 0 ? undefined : listen.https_old.port,
    cirTcp: cirTcp === undefined ? undefined : { host: config.cir.public_host, port: portOf(cirTcp) },
    accounts,
    vault,
    list: (account) => setListed({ store }, account, true),
    providers,
    registrationsPerHour: limits.registrations_per_hour,
    passwordCharactersMin: limits.password_characters_min,
    clock,
    random,
    log: log.child({ part: 'web' }),
  });
  const webParts: WebParts = {
    dataChannel: (request) => gateway.handle(request),
    cirAsked: (token) => gateway.cirAsked(token),
    signUp,
    settingsDesk:
      sms.carrier && limits.settings_messages_per_day > 0
        ? settingsDesk({
            carrier: sms.carrier,
            prove: signUp.prove,
            messagesPerDay: limits.settings_messages_per_day,
            clock,
            log: log.child({ part: 'web' }),
          })
        : undefined,
    metrics,
    health: async () => {
      try {
        await store.accounts.count();
        return undefined;
      } catch (cause) {
        log.error({ err: cause }, 'the store does not answer');
        return `the store ${databaseFile(config)} does not answer`;
      }
    },
    admin:
      adminToken === undefined
        ? undefined
        : { token: adminToken, presence: (address) => operations.presence({ address }) },
    uploads,
    // A file of some megabytes comes in slowly from a phone's network; one that stalls is given up long before.
    ...(uploads && { requestMs: 10 * 60_000 }),
    bodyBytesMax: limits.request_bytes,
    connectionsPerAddressMax: limits.http_connections_per_address,
    smsIncoming: sms.incoming,
    trustedProxies: config.web.trusted_proxies,
    numberGateways: config.web.number_gateways,
    log: log.child({ part: 'web' }),
  };
  const listenWeb = (endpoint: Endpoint | false, tlsOf?: WebParts['tls']): Promise<string | undefined> =>
    listenAt(endpoint, async (where) => {
      const web = opened.add(await createWeb({ ...webParts, tls: tlsOf }), (it) => it.close());
      await web.listen(where);
      return (web.server.address() as { readonly port: number }).port;
    });

  const listenOldHttps = (endpoint: Endpoint | false): Promise<string | undefined> =>
    listenAt(endpoint, async (where) => {
      const old = await ownTlsFiles(tlsDirectory(config), domain, clock.wall(), 'old');
      const {
        dataChannel,
        cirAsked,
        bodyBytesMax,
        connectionsPerAddressMax,
        trustedProxies,
        numberGateways = [],
      } = webParts;
      const keys = { key: old.key, cert: old.certificate, isOld: true };
      const door = createPhoneDoor({
        dataChannel,
        cirAsked,
        bodyBytesMax,
        connectionsPerAddressMax,
        trustedProxies,
        numberGateways,
        tls: keys,
        log: log.child({ part: 'web' }),
      });
      await opened.add(door, (it) => it.close()).listen(where);
      log.warn({}, 'listen.https_old is open: TLS 1.0 and its ciphers protect nobody from an attacker who means it');
      return (door.server.address() as { readonly port: number }).port;
    });

  // Doors open last.
  control.serve(operations);
  const c2s = {
    tls: secureContext,
    requireTls: config.tls.required,
    fakeSaltSecret: vault.lastingSecret('salts of accounts that do not exist'),
    connectionsPerAddressMax: limits.connections_per_address,
    limits: {
      xml: { bytesMax: limits.stanza_bytes },
      elementsPerSecond: limits.stanzas_per_second,
      burstElements: 4 * limits.stanzas_per_second,
      authTriesMax: limits.sign_in_attempts,
      authMs: limits.sign_in_seconds * 1000,
      resumeMs: limits.resume_seconds * 1000,
    },
  };
  const listenS2s = (isDirectTls: boolean) => (where: { readonly host: string; readonly port: number }) =>
    federation ? federation.listen({ ...where, isDirectTls }) : Promise.reject(new Error('federation is turned off'));
  const listening: RunningApp['listening'] = {
    c2s: await listenAt(listen.c2s, async (where) => (await server.listenC2s({ ...where, ...c2s })).port),
    c2sTls: await listenAt(
      listen.c2s_tls,
      async (where) => (await server.listenC2s({ ...where, ...c2s, isDirectTls: true })).port,
    ),
    s2s: await listenAt(federation ? listen.s2s : false, listenS2s(false)),
    s2sTls: await listenAt(federation ? listen.s2s_tls : false, listenS2s(true)),
    component: await listenAt(
      config.components.length > 0 && listen.component,
      async (where) => (await components.listen(where)).port,
    ),
    cirTcp,
    cirUdp,
    http: await listenWeb(listen.http),
    https: await listenWeb(listen.https, { key: tls.key, cert: tls.certificate }),
    httpsOld: await listenOldHttps(listen.https_old),
  };

  // What an earlier run could not deliver goes out now.
  await federation?.start();

  return {
    domain,
    data: config.data,
    listening,
    isCertificateOurs: certificate === undefined,
    gateway,
    stop: () => opened.close(log),
  };
};

const listenAt = async (
  endpoint: Endpoint | false,
  open: (where: { readonly host: string; readonly port: number }) => Promise<number>,
): Promise<string | undefined> => {
  if (endpoint === false) return undefined;
  const port = await open({ host: endpoint.host, port: endpoint.port });
  return `${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${port}`;
};

const portOf = (where: string): number => Number(where.slice(where.lastIndexOf(':') + 1));

/** Throws when the file cannot be read, or its secret is easily guessed. */
const readAdminToken = ({ web: { admin_token_file: file } }: Config): string | undefined => {
  if (file === undefined) return undefined;
  const token = readFileSync(file, 'utf8').trim();
  if (token.length >= tokenCharactersMin) return token;
  throw new Error(`${file}, the secret of the admin API, has fewer than ${tokenCharactersMin} characters`);
};
