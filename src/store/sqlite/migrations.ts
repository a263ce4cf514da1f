// The versions of the SQLite schema, oldest first. A file is brought forward step by step when it is opened and is never
// taken back; what has been released is never edited, only followed by another step.

export const migrations: readonly string[] = [
  `
  create table accounts (
    address text primary key not null,
    domain text not null,
    scram_keys text not null,
    created_at integer not null,
    disabled integer not null,
    last_active_at integer,
    last_status text not null
  ) without rowid;
  create index accounts_by_domain on accounts (domain, address);

  create table roster_versions (
    account text primary key not null,
    version integer not null,
    known_since integer not null
  ) without rowid;
  create table roster_items (
    account text not null,
    contact text not null,
    version integer not null,
    name text,
    groups text not null,
    subscription text not null,
    ask integer not null,
    request text,
    approved integer not null,
    listed integer not null,
    primary key (account, contact)
  ) without rowid;
  create index roster_items_by_version on roster_items (account, version);
  create table roster_removals (
    account text not null,
    contact text not null,
    version integer not null,
    primary key (account, contact)
  ) without rowid;
  create index roster_removals_by_version on roster_removals (account, version);

  create table messages (
    seq integer primary key autoincrement,
    account text not null,
    stanza text not null,
    received_at integer not null
  );
  create index messages_by_account on messages (account, seq);

  create table private_data (
    account text not null,
    key text not null,
    text text not null,
    primary key (account, key)
  ) without rowid;
  create table blocks (
    account text not null,
    entry text not null,
    primary key (account, entry)
  ) without rowid;

  create table csp_sessions (
    key text primary key not null,
    account text not null,
    client text not null,
    last_heard_at integer not null,
    expires_at integer not null,
    state text not null
  );
  create index csp_sessions_by_account on csp_sessions (account);
  create table csp_waiting (
    seq integer primary key autoincrement,
    session text,
    account text not null,
    kind text not null,
    body text not null,
    message_id text,
    transaction_id text,
    handed_out_at integer,
    created_at integer not null,
    expires_at integer,
    origin text
  );
  create index csp_waiting_by_account on csp_waiting (account, seq);
  create index csp_waiting_by_session on csp_waiting (session) where session is not null;
  create index csp_waiting_by_expiry on csp_waiting (expires_at) where expires_at is not null;
  create table csp_origins (
    account text not null,
    session text not null,
    origin text not null,
    created_at integer not null,
    primary key (account, session, origin)
  ) without rowid;
  create index csp_origins_by_session on csp_origins (session) where session <> '';
  create index csp_origins_by_age on csp_origins (created_at);
  create table csp_answers (
    session text not null,
    transaction_id text not null,
    primitive text not null,
    request text not null,
    body blob not null,
    at integer not null,
    primary key (session, transaction_id)
  );
  create index csp_answers_by_age on csp_answers (at);
  create table csp_outgoing (
    seq integer primary key autoincrement,
    session text not null,
    account text not null,
    stanza text not null,
    created_at integer not null
  );
  create index csp_outgoing_by_account on csp_outgoing (account, seq);
  create table csp_settings (
    account text not null,
    key text not null,
    value text not null,
    primary key (account, key)
  ) without rowid;

  create table sign_ins (
    seq integer primary key autoincrement,
    at integer not null,
    address text not null,
    remote text not null,
    user_agent text not null,
    client_id text not null,
    version text not null,
    encoding text not null,
    scheme text not null,
    outcome text not null,
    code integer not null,
    reason text not null
  );
  create index sign_ins_by_address on sign_ins (address, seq);

  create table device_passwords (
    account text primary key not null,
    key_id text not null,
    sealed blob not null
  );
  `,
  `
  create table pubsub_nodes (
    account text not null,
    node text not null,
    settings text not null,
    primary key (account, node)
  ) without rowid;
  create table pubsub_items (
    seq integer primary key autoincrement,
    account text not null,
    node text not null,
    id text not null,
    payload text not null,
    published_at integer not null
  );
  create unique index pubsub_items_by_id on pubsub_items (account, node, id);
  create index pubsub_items_by_node on pubsub_items (account, node, seq);
  create table capabilities (
    seq integer primary key autoincrement,
    hash text unique not null,
    features text not null
  );
  `,
  `
  create table presence_payloads (
    id integer primary key autoincrement,
    text text unique not null
  );
  create table presence_entries (
    account text not null,
    contact text not null,
    resource text not null,
    payload integer not null,
    confirmed_at integer not null,
    primary key (account, contact, resource)
  ) without rowid;
  create index presence_entries_by_payload on presence_entries (payload);
  `,
  `
  create table rooms (
    room text primary key not null,
    creator text not null,
    state text not null
  );
  create table room_affiliations (
    room text not null,
    jid text not null,
    affiliation text not null,
    nick text,
    reason text,
    primary key (room, jid)
  ) without rowid;
  create index room_affiliations_by_jid on room_affiliations (jid);
  create table room_messages (
    seq integer primary key autoincrement,
    room text not null,
    id text not null,
    stanza text not null,
    sent_at integer not null
  );
  create index room_messages_by_room on room_messages (room, seq);
  `,
  `
  create table federation_under_way (
    seq integer primary key autoincrement,
    local text not null,
    remote text not null,
    stanza text not null,
    received_at integer not null
  );
  create table federation_peers (
    remote text primary key not null,
    text text not null,
    at integer not null
  ) without rowid;
  create index federation_peers_by_age on federation_peers (at);
  `,
  `
  create table directory (
    account text primary key not null,
    domain text not null,
    "user" text not null,
    first text not null,
    last text not null,
    nick text not null,
    email text not null,
    phone text not null,
    city text not null,
    country text not null,
    gender text not null,
    marital text not null,
    intention text not null,
    interests text not null,
    age integer,
    shown text not null
  ) without rowid;
  `,
  `
  create table uploads (
    id text primary key not null,
    uploader text not null,
    name text not null,
    type text not null,
    size integer not null,
    created_at integer not null,
    stored_at integer
  ) without rowid;
  create index uploads_by_account on uploads (uploader, size);
  create index uploads_by_age on uploads (created_at);
  `,
  // An answer in one place instead of a row and an entry of an index: each is a page more to write for every request.
  `
  create table csp_answers_by_session (
    session text not null,
    transaction_id text not null,
    primitive text not null,
    request text not null,
    body blob not null,
    at integer not null,
    primary key (session, transaction_id)
  ) without rowid;
  insert into csp_answers_by_session select session, transaction_id, primitive, request, body, at from csp_answers;
  drop table csp_answers;
  alter table csp_answers_by_session rename to csp_answers;
  create index csp_answers_by_age on csp_answers (at);
  `,
];
