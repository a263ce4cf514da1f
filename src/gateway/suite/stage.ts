// A scripted server, and a world over it, made anew for each test of a file.

import { after, beforeEach } from 'node:test';
import { ScriptedServer } from './scripted.ts';
import { World } from './world.ts';

/** What is there while a test runs. Call it at the top of the file. */
export const scriptedStage = (): { readonly server: ScriptedServer; readonly world: World } => {
  const stage: { server: ScriptedServer; world: World } = { server: new ScriptedServer(), world: undefined as never };
  const worlds: World[] = [];
  beforeEach(async () => {
    stage.server = new ScriptedServer();
    stage.world = new World(await stage.server.open());
    worlds.push(stage.world);
  });
  after(async () => {
    for (const one of worlds) await one.close();
  });
  return stage;
};
