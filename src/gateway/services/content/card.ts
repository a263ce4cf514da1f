// vCards and vCalendars (versions 1.0 to 4.0) in a few readable words, for apps that know neither.

import { decode } from './charset.ts';

const shown: readonly (readonly [RegExp, string])[] = [
  [/^FN$/, ''],
  [/^TEL$/, 'Tel. '],
  [/^EMAIL$/, ''],
  [/^ORG$/, ''],
  [/^URL$/, ''],
  [/^SUMMARY$/, ''],
  [/^DTSTART$/, ''],
  [/^DTEND$/, '– '],
  [/^LOCATION$/, ''],
  [/^DESCRIPTION$/, ''],
];
const linesMax = 8;
const lengthMax = 200;
/** Characters that are looked at: what people look for stands in front of the picture. */
const readMax = 65_536;

/** One line each for what people look for; '' when there is nothing. */
export const readable = (text: string): string => {
  const lines: string[] = [];
  let name = '';
  for (const { property, value } of propertiesOf(text.slice(0, readMax))) {
    if (property === 'N') name = value.split(';').slice(0, 2).reverse().filter(Boolean).join(' ');
    const [, label] = shown.find(([fits]) => fits.test(property)) ?? [];
    const words = value.replaceAll(/\\n/gi, ' ').replaceAll(/\\(.)/g, '$1').split(';').filter(Boolean).join(', ');
    if (label !== undefined && words.trim() !== '') lines.push((label + words.trim()).slice(0, lengthMax));
  }
  const hasName = /^(FN|SUMMARY)[;:]/im.test(text.slice(0, readMax));
  return [...(hasName || name === '' ? [] : [name.slice(0, lengthMax)]), ...lines].slice(0, linesMax).join('\n');
};

function* propertiesOf(text: string): Generator<{ readonly property: string; readonly value: string }> {
  // Quoted-printable lines go on after a '=' (vCard 2.1), folded ones begin with a space (3.0).
  const whole = text
    .replace(/\r\n|\r/g, '\n')
    .replace(/=\n/g, '')
    .replace(/\n[ \t]/g, '');
  for (const line of whole.split('\n').slice(0, 500)) {
    const [, full = '', value = ''] = /^([A-Za-z][^:]*):(.*)$/.exec(line) ?? [];
    const [head = '', ...parameters] = full.split(';');
    const property = (head.split('.').at(-1) ?? '').toUpperCase();
    if (property === '') continue;
    const isQuoted = parameters.some((one) => /^(ENCODING=)?QUOTED-PRINTABLE$/i.test(one));
    const charset = parameters.find((one) => /^CHARSET=/i.test(one))?.slice(8);
    yield { property, value: isQuoted ? unquoted(value, charset ?? 'utf-8') : value };
  }
}

const unquoted = (value: string, charset: string): string => {
  const octets = Buffer.from(
    value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  return decode(octets, charset) ?? value;
};
