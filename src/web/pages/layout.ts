import { type Html, html, Html as RawHtml } from '../html.ts';

// One small sheet: readable on a 128-pixel phone and on a desk. No web font, no script, nothing fetched.
const sheet = new RawHtml(`
:root{color-scheme:light dark;--ink:#1d2430;--paper:#fffaf3;--card:#fff;--line:#d9cfc2;--soup:#b3401b;--good:#1d6b3a;--bad:#a3172b}
@media(prefers-color-scheme:dark){:root{--ink:#ece6dd;--paper:#17191d;--card:#1f2227;--line:#3b3f46;--soup:#ff9a6b;--good:#7fd69c;--bad:#ff98a4}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:anywhere;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main,header,footer{max-width:38rem;margin:0 auto;padding:0 1rem}
header{padding-top:1rem}header a{color:inherit;text-decoration:none;font-weight:700}
header svg{width:2rem;height:2rem;vertical-align:-.5rem;margin-right:.4rem;color:var(--soup)}
h1{font-size:1.5rem;line-height:1.2}h2{font-size:1.1rem;margin-top:1.6rem}
a{color:var(--soup)}
label{display:block;font-weight:600;margin-top:.9rem}
label.tick{font-weight:400;display:flex;gap:.6rem;align-items:flex-start}
label small{font-weight:400;display:block;opacity:.8}
input[type=text],input[type=password],select{width:100%;padding:.55rem .6rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.4rem}
input[type=checkbox]{width:1.2rem;height:1.2rem;margin:.15rem 0 0;flex:none}
button{margin-top:1.2rem;padding:.6rem 1.2rem;font:inherit;font-weight:600;color:#fff;background:#b3401b;border:0;border-radius:.4rem;cursor:pointer}
:focus-visible{outline:3px solid var(--soup);outline-offset:2px}
.wrong{border-left:4px solid var(--bad);padding:.4rem .8rem;background:var(--card)}
.done{border-left:4px solid var(--good);padding:.4rem .8rem;background:var(--card)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.8rem}
dt{opacity:.8}dd{margin:0;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
@media(max-width:26rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
button.other{color:inherit;background:none;border:2px solid var(--line)}
code{font-family:ui-monospace,monospace}
@media(max-width:14rem){body{font-size:14px}main,header,footer{padding-left:.5rem;padding-right:.5rem}h1{font-size:1.2rem}label.tick{gap:.4rem}dl{padding:.4rem}}
footer{padding-top:2rem;padding-bottom:2rem;font-size:.85rem;opacity:.8}
`);

const bowl = new RawHtml(
  '<svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round">' +
    '<path d="M3 17h26a13 11 0 0 1-26 0z" fill="currentColor" stroke="none"/><path d="M10 30h12M11 12c-2-2 2-4 0-7M16 12c-2-2 2-4 0-7M21 12c-2-2 2-4 0-7"/></svg>',
);

/** A whole page. */
export const page = (title: string, content: Html): string =>
  `<!DOCTYPE html>\n${
    html`<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width,initial-scale=1"/>
<title>${title} · onesoup</title><style>${sheet}</style></head>
<body><header><a href="/">${bowl}onesoup</a></header>
<main><h1>${title}</h1>
${content}
</main><footer>onesoup: old phones and new clients on one chat network.</footer></body></html>
`.text
  }`;
