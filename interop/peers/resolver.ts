// A program with a name server of the test's: in a mount namespace of its own, where /etc/resolv.conf is ours.

/** Command and arguments that run `command` with `resolvConf` in the place of /etc/resolv.conf; its process id stays the
 *  child's, and it does not outlive a test that is killed: the next one would talk to it. */
export const withResolvConf = (
  resolvConf: string,
  command: string,
  args: readonly string[],
): readonly [string, readonly string[]] => [
  'unshare',
  [
    '--mount',
    'setpriv',
    '--pdeathsig',
    'KILL',
    'sh',
    '-c',
    'mount --bind "$0" /etc/resolv.conf && exec "$@"',
    resolvConf,
    command,
    ...args,
  ],
];
