// Two servers on one link for tests: certificates of one authority, both halves of a stream with all that happens to them.

import type { SecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../jid.ts';
import { Stanza } from '../stanza.ts';
import { acceptS2s } from './accept.ts';
import { dialbackKeys } from './dialback-key.ts';
import { openS2s } from './open.ts';
import { s2sResumables } from './resumption.ts';
import type {
  AcceptS2sOptions,
  KeyRequest,
  KeyVerdict,
  OpenS2sOptions,
  Pair,
  PeerHints,
  PeerPolicy,
  Proof,
  S2sEnd,
  S2sFault,
  S2sListener,
  S2sStream,
} from './s2s.ts';
import { s2sTlsContext } from './tls.ts';
import { Wire } from './wire.ts';

const authority = await generate([{ name: 'commonName', value: 'Test Authority' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [
    { name: 'basicConstraints', cA: true },
    { name: 'keyUsage', keyCertSign: true },
  ],
});
export const authorityPem = authority.cert;

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate of the test authority for these names. */
export const certificateFor = (...names: string[]): Promise<KeyPair> => issue(names, false);
/** … which is for servers only. */
export const serverCertificateFor = (...names: string[]): Promise<KeyPair> => issue(names, true);

const issue = async (names: readonly string[], isForServersOnly: boolean): Promise<KeyPair> => {
  const [first = 'nobody.test'] = names;
  const made = await generate([{ name: 'commonName', value: first }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
      ...(isForServersOnly ? [{ name: 'extKeyUsage', serverAuth: true } as const] : []),
    ],
  });
  return { cert: made.cert, key: made.private };
};

export const capulet = await certificateFor('capulet.example');
export const montague = await certificateFor('montague.example');
/** For the right name, but of an authority nobody knows. */
const selfMade = await generate([{ name: 'commonName', value: 'capulet.example' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'capulet.example' }] }],
});
export const impostor = { cert: selfMade.cert, key: selfMade.private };

export const contextOf = (pems: { readonly cert: string; readonly key: string }): SecureContext =>
  s2sTlsContext({ ...pems, ca: [authorityPem] });
export const capuletTls = contextOf(capulet);
export const montagueTls = contextOf(montague);

/** As capulet.example sees it, and as montague.example does. */
export const outPair: Pair = { local: 'capulet.example', remote: 'montague.example' };
export const inPair: Pair = { local: 'montague.example', remote: 'capulet.example' };

export const lenient: PeerPolicy = { tls: 'optional', allowsDialback: true };
export const strict: PeerPolicy = { tls: 'required', allowsDialback: false };

export const capuletKeys = dialbackKeys('s3cr3tf0rd14lb4ck');
export const montagueKeys = dialbackKeys('d14lb4ck43v3r');

/** Hears, and remembers. */
export class TestListener implements S2sListener {
  readonly happened: string[] = [];
  readonly received: Stanza[] = [];
  readonly acks: number[] = [];
  hints: PeerHints | undefined;
  end: S2sEnd | undefined;
  /** Replace it to take part. */
  handle: (stanza: Stanza) => void | Promise<void> = () => {};

  authenticated({ local, remote }: Pair, proof: Proof): void {
    this.happened.push(`${local} ${remote} ${proof}`);
  }
  refused({ local, remote }: Pair, { reason, condition }: S2sFault): void {
    this.happened.push(`${local} ${remote} refused: ${reason} ${condition}`);
  }
  stanza(stanza: Stanza): void | Promise<void> {
    this.received.push(stanza);
    return this.handle(stanza);
  }
  acked(tags: readonly number[]): void {
    this.acks.push(...tags);
  }
  learnt(_: string, hints: PeerHints): void {
    this.hints = hints;
  }
  detached(): void {
    this.happened.push('detached');
  }
  resumed(): void {
    this.happened.push('resumed');
  }
  ended(end: S2sEnd): void {
    this.happened.push(`ended: ${end.reason}`);
    this.end = end;
  }
}

export const capuletOptions = (listener: S2sListener): OpenS2sOptions => ({
  pair: outPair,
  isDirectTls: false,
  policy: lenient,
  secureContext: capuletTls,
  dialbackKey: capuletKeys.key,
  usesBidi: false,
  usesManagement: true,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  listener,
});

/** Keys are verified as if by asking capulet.example. */
export const verifyAtCapulet = async ({ pair, streamId, key }: KeyRequest): Promise<KeyVerdict> => ({
  verdict: capuletKeys.isOurs({ pair: { local: pair.remote, remote: pair.local }, streamId, key })
    ? 'valid'
    : 'invalid',
});

export const montagueOptions = (listener: S2sListener): AcceptS2sOptions => ({
  isDirectTls: false,
  isOurs: (domain) => domain === 'montague.example' || domain === 'rooms.montague.example',
  policyFor: () => lenient,
  secureContextFor: () => montagueTls,
  offersBidi: true,
  dialbackKey: montagueKeys.key,
  resumables: s2sResumables(),
  verifyKey: verifyAtCapulet,
  isOurKey: montagueKeys.isOurs,
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  listener: () => listener,
});

export interface Link {
  readonly out: S2sStream;
  readonly in: S2sStream;
  readonly atOut: TestListener;
  readonly atIn: TestListener;
  readonly wire: Wire;
}

/** capulet.example connects to montague.example. */
export const connect = (
  ours: Partial<OpenS2sOptions> = {},
  theirs: Partial<AcceptS2sOptions> = {},
  wire = new Wire(),
): Link => {
  const [left, right] = wire.ends;
  const atOut = new TestListener();
  const atIn = new TestListener();
  const incoming = acceptS2s(right, { ...montagueOptions(atIn), ...theirs });
  const outgoing = openS2s(left, { ...capuletOptions(atOut), ...ours });
  return {
    out: outgoing,
    in: incoming,
    atOut,
    atIn,
    wire,
  };
};

export const message = (from: string, to: string, text: string): Stanza =>
  Stanza.make({ kind: 'message', type: 'chat', from: Jid.from(from), to: Jid.from(to) }, el('body', null, text));
export const toRomeo = (text: string): Stanza =>
  message('juliet@capulet.example/balcony', 'romeo@montague.example', text);
export const toJuliet = (text: string): Stanza =>
  message('romeo@montague.example/orchard', 'juliet@capulet.example', text);
export const bodies = (stanzas: readonly Stanza[]): string[] =>
  stanzas.map((stanza) => stanza.child('body')?.children.join('') ?? '');
