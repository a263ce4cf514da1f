// How long a message takes to reach a phone that sleeps: thousands of phones with a CIR connection each, messages to one after
// another. Sent, until WVCI is read at the phone, and until the poll that follows has brought the message. Meanwhile other
// phones poll in vain, as phones do.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentTypeOf } from '../../../src/imps/content-type.ts';
import { isRefused } from '../../../src/imps/message.ts';
import type { Primitive } from '../../../src/imps/primitives.ts';
import { readMessage } from '../../../src/imps/read-message.ts';
import { writeMessage } from '../../../src/imps/write-message.ts';
import type { Progress } from '../../presence/report/progress.ts';
import { type Cir, openAllCirs } from '../load/cir.ts';
import { type Form, type Phone, signInAll } from '../load/phones.ts';
import { postOf, type Stencil, stencilOf } from '../load/stencil.ts';
import { Wires } from '../load/wires.ts';
import { messageTo } from '../load/work.ts';
import { percentilesOf, type WakeRow } from '../report/results.ts';
import { startOnesoup } from '../world/onesoup.ts';
import { phoneAddress } from '../world/people.ts';
import { cpuOf, residentOf } from '../world/process.ts';

export interface WakeOptions {
  readonly wakePhones: number;
  readonly wakesPerSecond: number;
  readonly wakeSeconds: number;
  /** Polls in vain per second, beside. */
  readonly pollsPerSecond: number;
  readonly nodeOptions: readonly string[];
}

const form: Form = { version: '1.2', encoding: 'wbxml' };
/** Phones that have answered HELO are left alone for a second (the server keeps a distance between OK and WVCI). */
const quietMs = 2000;
const connections = 64;
const patienceMs = 20_000;

export const measureWakeUps = async (options: WakeOptions, progress: Progress): Promise<WakeRow> => {
  const { wakePhones: count, wakesPerSecond, wakeSeconds, pollsPerSecond } = options;
  progress.begins(`${count} phones sign in`);
  await using stack = new AsyncDisposableStack();
  const onesoup = stack.use(await startOnesoup({ phones: count, friends: false, neighbours: 0 }, options.nodeOptions));
  const { pid } = onesoup.program;
  const phones = await signInAll(onesoup.ports.http, { first: 0, count, formOf: () => form });
  progress.done(`${count} phones signed in`);
  const cirs = await openAllCirs(
    onesoup.ports.cir,
    phones.map(({ sessionId }) => sessionId),
  );
  stack.defer(() => {
    for (const { socket } of cirs) socket.destroy();
  });
  progress.done(`${count} CIR connections open`);
  const wires = stack.use(await Wires.open(onesoup.ports.http, connections));
  await sleep(quietMs);

  const poll = stencilOf({ name: 'Polling-Request' }, form);
  const run = new Run(phones, cirs, wires, poll);
  const cpuBefore = cpuOf(pid);
  const loadBefore = process.cpuUsage();
  const start = performance.now();
  const total = wakesPerSecond * wakeSeconds;
  const all: Promise<void>[] = [];
  let polls = 0;
  progress.begins(`${total} messages`);
  for (let sent = 0; sent < total; sent++) {
    const due = start + (sent * 1000) / wakesPerSecond;
    while (performance.now() < due) {
      for (; polls < ((performance.now() - start) / 1000) * pollsPerSecond; polls++) all.push(run.pollInVain(polls));
      await sleep(Math.min(5, Math.max(0, due - performance.now())));
    }
    all.push(run.wakeOne(sent));
  }
  await Promise.all(all);
  const seconds = (performance.now() - start) / 1000;
  const load = process.cpuUsage(loadBefore);
  progress.done(`${total} messages arrived`);
  return {
    ...{ phones: count, messages: total, perSecond: wakesPerSecond, pollsPerSecond },
    answered: percentilesOf(run.answered),
    woken: percentilesOf(run.woken),
    shown: percentilesOf(run.shown),
    serverCpuShare: (cpuOf(pid) - cpuBefore) / 1e6 / seconds,
    loadCpuShare: (load.user + load.system) / 1e6 / seconds,
    resident: residentOf(pid),
  };
};

class Run {
  /** Milliseconds from the request that sends a message: until its answer, WVCI, and the message itself. */
  readonly answered: number[] = [];
  readonly woken: number[] = [];
  readonly shown: number[] = [];
  readonly #phones: readonly Phone[];
  readonly #cirs: readonly Cir[];
  readonly #wires: Wires;
  readonly #poll: Stencil;
  /** The first of the phones poll in vain, the others send and are woken. */
  readonly #pollers: number;
  #number = 0;

  constructor(phones: readonly Phone[], cirs: readonly Cir[], wires: Wires, poll: Stencil) {
    this.#phones = phones;
    this.#cirs = cirs;
    this.#wires = wires;
    this.#poll = poll;
    this.#pollers = Math.floor(phones.length / 5);
  }

  /** A message to one phone from another, until it was shown and acknowledged. */
  async wakeOne(sent: number): Promise<void> {
    // One after the other: none is woken again before all others were.
    const sleepers = this.#phones.length - this.#pollers;
    const to = this.#phones[this.#pollers + (sent % sleepers)] as Phone;
    const from = this.#phones[this.#pollers + ((sent + (sleepers >> 1)) % sleepers)] as Phone;
    const cir = this.#cirs[to.index] as Cir;
    let wokenAt: number | undefined;
    const woken = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`phone ${to.index} was not woken`)), patienceMs);
      cir.wake = () => {
        wokenAt ??= performance.now();
        clearTimeout(timer);
        resolve();
      };
    });
    const request = stencilOf(messageTo(phoneAddress(to.index), from.index), form).copy();
    const start = performance.now();
    const sending = this.#wires.asked(request.fill(from.sessionId, ++this.#number)).then(({ status, body }) => {
      this.answered.push(performance.now() - start);
      assert.equal(status, 200);
      assert.ok(body.length > 0);
    });
    await woken;
    this.woken.push((wokenAt ?? Number.NaN) - start);
    await this.#fetch(to, start);
    await sending;
  }

  async pollInVain(at: number): Promise<void> {
    const body = await this.#ask(this.#phones[at % this.#pollers] as Phone);
    assert.equal(body.length, 0, 'a poll in vain brought something');
  }

  /** A poll that must bring the message sent at `start`, and its acknowledgement. */
  async #fetch(phone: Phone, start: number): Promise<void> {
    const body = await this.#ask(phone);
    this.shown.push(performance.now() - start);
    const read = readMessage(body);
    const [one] = read.ok ? read.value.message.transactions : [];
    assert(one && !isRefused(one) && one.content.name === 'NewMessage', `phone ${phone.index} was woken for nothing`);
    const content: Primitive = { name: 'MessageDelivered', MessageID: one.content.MessageInfo.MessageID ?? '' };
    const { version, encoding } = form;
    const transactions = [{ mode: 'Response', id: one.id, content }] as const;
    const answer = writeMessage({ version, sessionType: 'Inband', sessionId: phone.sessionId, transactions }, encoding);
    assert.equal((await this.#wires.asked(postOf(answer, contentTypeOf(version, encoding)))).status, 200);
  }

  async #ask({ sessionId }: Phone): Promise<Buffer> {
    const { status, body } = await this.#wires.asked(this.#poll.copy().fill(sessionId, ++this.#number));
    assert.equal(status, 200);
    return body;
  }
}
