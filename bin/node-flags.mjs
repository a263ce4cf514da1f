// What the server's Node.js is started with, wherever it is started.

export const nodeFlags = [
  // Without a limit, what is young and mostly garbage takes 130 MB once a large presence view has been loaded.
  '--max-semi-space-size=8',
  // A request's objects die with it, but V8 comes to think that some of them last, makes the next ones among the old, and
  // these keep a quarter of all young garbage alive: each collection takes ten times as long.
  '--no-allocation-site-pretenuring',
  // What survives in so small a young generation is not worth waking four threads for.
  '--no-parallel-scavenge',
];
