// What the operator sees when the server is up: where to go, what to type into a phone, where things are.

import type { RunningApp } from './serve.ts';

export const panel = ({ domain, data, listening, isCertificateOurs }: RunningApp): string => {
  const { http, https, httpsOld, c2s, c2sTls, s2s, s2sTls, component, cirTcp, cirUdp } = listening;
  const page =
    http === undefined ? https && `https://${reachable(https, domain)}` : `http://${reachable(http, domain)}`;
  const streams = [c2s && `${c2s} (STARTTLS)`, c2sTls && `${c2sTls} (TLS)`].filter(Boolean).join(', ');
  const servers = [s2s && `${s2s} (STARTTLS)`, s2sTls && `${s2sTls} (TLS)`].filter(Boolean).join(', ');
  const wakeUps = [cirTcp && `TCP ${cirTcp}`, cirUdp && `UDP ${cirUdp}`].filter(Boolean).join(', ');
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['web page', page && `${page}/`],
    ['for the phone', page && `${page}/csp`],
    ...(httpsOld === undefined
      ? []
      : [
          [
            '… over old TLS',
            `https://${reachable(httpsOld, domain)}/csp (no protection against anybody who means it)`,
          ] as const,
        ]),
    ['XMPP clients', streams || undefined],
    ['XMPP servers', servers || undefined],
    ...(component === undefined ? [] : [['components', component] as const]),
    ['wake-up (CIR)', wakeUps || undefined],
    ['data', data],
    ['certificate', isCertificateOurs ? 'self-signed: clients ask whether to trust it' : 'from the configuration'],
  ];
  const rows = lines.map(([name, value]) => `  ${name.padEnd(15)}${value ?? 'turned off'}`);
  const hint =
    http !== undefined && isLoopback(http)
      ? ['', 'No phone reaches it there: open listen.http to its network (docs/phones.md), or put a proxy before it.']
      : [];
  return ['', `onesoup is up for ${domain}`, '', ...rows, ...hint, '', 'Ctrl-C stops it.', ''].join('\n');
};

/** Listening everywhere, it is reached by its name. */
const reachable = (where: string, domain: string): string => where.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, domain);

const isLoopback = (where: string): boolean => /^(localhost|127\.[\d.]+|\[::1\]):/.test(where);
