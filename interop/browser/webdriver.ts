// A headless Chromium, driven through Debian's chromedriver: the WebDriver protocol (W3C) is plain JSON over HTTP, so no
// library is needed. What is not in it (colour scheme, script) goes over the DevTools command that chromedriver passes on.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../peers/child.ts';
import { freePorts } from '../peers/ports.ts';

export const hasBrowser = (): boolean => spawnSync('chromedriver', ['--version']).status === 0;

/** Keys without a character, as WebDriver names them (§17.4.2). */
export const keys = { tab: '\ue004', shift: '\ue008', enter: '\ue007', space: ' ' } as const;

export interface Browser {
  open(url: string): Promise<void>;
  /** Width and height in CSS pixels, as a phone of that size shows it. */
  resize(width: number, height: number): Promise<void>;
  /** Types, whatever has the focus. */
  press(...typed: readonly string[]): Promise<void>;
  /** Runs the body of a function in the page, and resolves with what it returns. */
  run<Value>(body: string): Promise<Value>;
  /** The words of the first element that the CSS selector finds, as soon as it is there; rejects after 10 s. */
  shows(selector: string): Promise<string>;
  devTools(command: string, parameters: object): Promise<unknown>;
  screenshot(file: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const startBrowser = async (): Promise<Browser> => {
  const [port = 0] = await freePorts(1);
  const profile = mkdtempSync(join(tmpdir(), 'onesoup-chromium-'));
  const driver = startChild('chromedriver', [`--port=${port}`]);
  const end = async (): Promise<void> => {
    await driver.end();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { value } = (await answer.json()) as { value: unknown };
    if (!answer.ok) throw new Error(`${method} ${path}: ${(value as { message?: string }).message}`);
    return value;
  };
  try {
    const until = Date.now() + 20_000;
    while (!(await call('GET', '/status').catch(() => undefined))) {
      if (Date.now() > until) throw new Error(`chromedriver does not answer:\n${driver.output()}`);
      await sleep(50);
    }
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
    const { sessionId } = (await call('POST', '/session', {
      capabilities: { alwaysMatch: { 'goog:chromeOptions': { args: [...args, `--user-data-dir=${profile}`] } } },
    })) as { sessionId: string };
    const session = `/session/${sessionId}`;
    const devTools = (cmd: string, params: object): Promise<unknown> =>
      call('POST', `${session}/goog/cdp/execute`, { cmd, params });
    const run = (script: string, ...args: readonly unknown[]): Promise<unknown> =>
      call('POST', `${session}/execute/sync`, { script, args });
    return {
      devTools,
      async open(url) {
        await call('POST', `${session}/url`, { url });
      },
      async resize(width, height) {
        await devTools('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      },
      async press(...typed) {
        const actions = typed.flatMap((text) =>
          [...text].flatMap((value) => [
            { type: 'keyDown', value },
            { type: 'keyUp', value },
          ]),
        );
        await call('POST', `${session}/actions`, { actions: [{ type: 'key', id: 'keyboard', actions }] });
      },
      async run<Value>(body: string) {
        return (await run(body)) as Value;
      },
      async shows(selector) {
        const until = Date.now() + 10_000;
        for (;;) {
          const words = await run('return document.querySelector(arguments[0])?.textContent', selector);
          if (typeof words === 'string') return words;
          if (Date.now() > until)
            throw new Error(`no ${selector} on ${await run('return location.href + document.body.innerText')}`);
          await sleep(20);
        }
      },
      async screenshot(file) {
        writeFileSync(file, Buffer.from((await call('GET', `${session}/screenshot`)) as string, 'base64'));
      },
      async [Symbol.asyncDispose]() {
        await call('DELETE', session).catch(() => undefined);
        await end();
      },
    };
  } catch (cause) {
    await end();
    throw cause;
  }
};
