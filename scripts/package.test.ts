import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const root = new URL('..', import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  files: readonly string[];
  dependencies: Readonly<Record<string, string>>;
};

/** What stands in dist/ only because the program reaches it. */
const isForTests = (file: string): boolean =>
  /\.test\.|(^|\/)(testing|suite|conformance|samples?|vectors)([/.]|$)/.test(file);

// Below node_modules, because there Node.js strips no types: what was not compiled cannot run.
describe('the published package', () => {
  let place: string;
  let installed: string;
  before(() => {
    place = mkdtempSync(join(tmpdir(), 'onesoup-package-'));
    installed = join(place, 'node_modules/onesoup');
    for (const part of ['package.json', 'bin']) cpSync(join(root, part), join(installed, part), { recursive: true });
    execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', join(installed, 'dist')], { cwd: root });
    for (const name of readdirSync(join(root, 'node_modules')))
      if (!name.startsWith('.') && name !== 'onesoup')
        symlinkSync(join(root, 'node_modules', name), join(place, 'node_modules', name));
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  const onesoup = (args: readonly string[]) =>
    spawn(process.execPath, [join(installed, 'bin/onesoup.mjs'), ...args], { cwd: place });

  test('holds the program and nothing that only tests use', () => {
    assert.ok(['bin', 'dist'].every((part) => manifest.files.includes(part)) && !manifest.files.includes('src'));
    const compiled = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    assert.ok(compiled.includes('cli/main.js') && compiled.includes('app.js'));
    // Started by its address: nothing imports it.
    assert.ok(compiled.includes('gateway/services/content/pictures/worker.js'));
    assert.deepEqual(compiled.filter(isForTests), []);
  });

  test('needs no package beyond its dependencies', () => {
    const dist = join(installed, 'dist');
    const needed = new Set<string>();
    for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js')))
      for (const [, name = ''] of readFileSync(join(dist, file), 'utf8').matchAll(
        /\b(?:from |require\()'((?:@[\w-]+\/)?[\w-]+)/g,
      ))
        needed.add(name);
    needed.delete('node');
    assert.deepEqual([...needed].sort(), Object.keys(manifest.dependencies).sort());
  });

  test('serves', async () => {
    const free = '127.0.0.1:0';
    const listen = { http: free, c2s: free, c2s_tls: free, s2s: free, cir_tcp: free, cir_udp: free };
    writeFileSync(join(place, 'onesoup.yaml'), JSON.stringify({ domain: 'home.test', listen }));
    const server = onesoup(['serve', '--config', join(place, 'onesoup.yaml')]);
    let said = '';
    const exit = once(server, 'exit');
    await Promise.race([
      exit,
      new Promise<void>((resolve) => {
        for (const stream of [server.stdout, server.stderr])
          stream.on('data', (chunk) => {
            said += chunk;
            if (said.includes('Ctrl-C stops it.')) resolve();
          });
      }),
    ]);
    server.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null], said);
    assert.match(said, /onesoup is up for home\.test/);
  });
});
