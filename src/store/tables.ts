// The tables as the queries see them, whatever the backend. Column types are the ones every backend has: text, 64-bit
// integers that stay below 2^53, octets. Truth is 0 or 1; lists are JSON text.

import type { Generated } from 'kysely';
import type { DirectoryField } from './store.ts';

export interface Tables {
  accounts: {
    address: string;
    domain: string;
    scram_keys: string;
    created_at: number;
    disabled: 0 | 1;
    last_active_at: number | null;
    last_status: string;
  };
  /** `known_since`: removals up to and including this version have been forgotten. */
  roster_versions: { account: string; version: number; known_since: number };
  roster_items: {
    account: string;
    contact: string;
    version: number;
    name: string | null;
    groups: string;
    subscription: 'none' | 'to' | 'from' | 'both';
    ask: 0 | 1;
    request: string | null;
    approved: 0 | 1;
    listed: 0 | 1;
  };
  roster_removals: { account: string; contact: string; version: number };
  messages: { seq: Generated<number>; account: string; stanza: string; received_at: number };
  private_data: { account: string; key: string; text: string };
  blocks: { account: string; entry: string };
  pubsub_nodes: { account: string; node: string; settings: string };
  pubsub_items: {
    seq: Generated<number>;
    account: string;
    node: string;
    id: string;
    payload: string;
    published_at: number;
  };
  /** `features` is a JSON list. */
  capabilities: { seq: Generated<number>; hash: string; features: string };
  /** `payload` is a number in presence_payloads. */
  presence_entries: {
    account: string;
    contact: string;
    resource: string;
    payload: number;
    confirmed_at: number;
  };
  presence_payloads: { id: Generated<number>; text: string };
  rooms: { room: string; creator: string; state: string };
  room_affiliations: {
    room: string;
    jid: string;
    affiliation: 'owner' | 'admin' | 'member' | 'outcast';
    nick: string | null;
    reason: string | null;
  };
  room_messages: { seq: Generated<number>; room: string; id: string; stanza: string; sent_at: number };
  /** Texts are '' where nothing is known. */
  directory: { account: string; domain: string; age: number | null; shown: string } & Record<DirectoryField, string>;
  /** `uploader` is no `account`: rows of one that is removed go when their files have gone. */
  uploads: {
    id: string;
    uploader: string;
    name: string;
    type: string;
    size: number;
    created_at: number;
    stored_at: number | null;
  };
  federation_under_way: {
    seq: Generated<number>;
    local: string;
    remote: string;
    stanza: string;
    received_at: number;
  };
  federation_peers: { remote: string; text: string; at: number };
  csp_sessions: {
    key: string;
    account: string;
    client: string;
    last_heard_at: number;
    expires_at: number;
    state: string;
  };
  csp_waiting: {
    seq: Generated<number>;
    session: string | null;
    account: string;
    kind: string;
    body: string;
    message_id: string | null;
    transaction_id: string | null;
    handed_out_at: number | null;
    created_at: number;
    expires_at: number | null;
    origin: string | null;
  };
  /** What has come in lately; `session` is empty for what came for the account. */
  csp_origins: { account: string; session: string; origin: string; created_at: number };
  csp_answers: {
    session: string;
    transaction_id: string;
    primitive: string;
    request: string;
    body: Uint8Array;
    at: number;
  };
  csp_outgoing: { seq: Generated<number>; session: string; account: string; stanza: string; created_at: number };
  csp_settings: { account: string; key: string; value: string };
  sign_ins: {
    seq: Generated<number>;
    at: number;
    address: string;
    remote: string;
    user_agent: string;
    client_id: string;
    version: string;
    encoding: string;
    scheme: string;
    outcome: 'signed-in' | 'challenged' | 'refused' | 'failed';
    code: number;
    reason: string;
  };
  device_passwords: { account: string; key_id: string; sealed: Uint8Array };
}
