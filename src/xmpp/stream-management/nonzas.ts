// The elements of XEP-0198 as text and back.

import { escapeAttr } from '../../xml/element.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import { ns } from '../namespaces.ts';
import type { StanzaCondition } from '../stanza.ts';
import type { StreamError } from '../stream/conditions.ts';

const open = (name: string): string => `<${name} xmlns='${ns.sm}'`;

export const requestText = `${open('r')}/>`;
export const answerText = (h: number): string => `${open('a')} h='${h}'/>`;
/** `maxMs`: how long we would like the session kept; the wire has seconds. */
export const enableText = (maxMs?: number): string =>
  `${open('enable')} resume='true'${maxMs === undefined ? '' : ` max='${Math.ceil(maxMs / 1000)}'`}/>`;
export const enabledText = (resume?: { readonly id: string; readonly maxMs: number }): string =>
  resume
    ? `${open('enabled')} id='${escapeAttr(resume.id)}' resume='true' max='${Math.floor(resume.maxMs / 1000)}'/>`
    : `${open('enabled')}/>`;
export const resumeText = (id: string, h: number): string => `${open('resume')} previd='${escapeAttr(id)}' h='${h}'/>`;
export const resumedText = (id: string, h: number): string =>
  `${open('resumed')} previd='${escapeAttr(id)}' h='${h}'/>`;
/** `h`: what the server had handled of the session that cannot be resumed, where it still knows. */
export const failedText = (condition: StanzaCondition, h?: number): string =>
  `${open('failed')}${h === undefined ? '' : ` h='${h}'`}><${condition} xmlns='${ns.stanzaErrors}'/></failed>`;

/** The attribute `h`: a number below 2^32, or undefined. */
export const countOf = (attrs: StreamElement['attrs']): number | undefined => {
  const text = attrs['h'];
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const h = Number(text);
  return h < 2 ** 32 ? h : undefined;
};

/** XEP-0198 §4: the peer acknowledges more than it was sent. */
export const countTooHigh = (h: number, sent: number): StreamError => ({
  condition: 'undefined-condition',
  text: `You acknowledged ${h} stanzas, but only ${sent} were sent`,
  extra: {
    name: 'handled-count-too-high',
    xmlns: ns.sm,
    attrs: { h: String(h), 'send-count': String(sent) },
    children: [],
  },
});
