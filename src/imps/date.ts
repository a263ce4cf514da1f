// Dates of CSP: ISO 8601 as phones write it, to one canonical form and to milliseconds. CSP "Date and time".

/** Milliseconds since 1970 as `YYYYMMDDThhmmssZ`, the one form that every known client reads. Fractions are cut off. */
export const cspDate = (wallMs: number): string => new Date(wallMs).toISOString().replace(/[-:]|\.\d+/g, '');

/**
 * Basic or extended form, seconds and their fraction optional; zone `Z`, a military letter (A is UTC+1, M UTC+12, N UTC-1,
 * Y UTC-12), `+hh`, `+h`, `+hhmm` or `+hh:mm`. Without a zone it is taken as UTC. Returns the canonical form, or undefined
 * for anything else.
 */
export const readDate = (text: string): string | undefined => {
  const ms = parseMs(text);
  return ms === undefined ? undefined : cspDate(ms);
};

const form =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*(?:([A-IK-Za-ik-z])|([+-])(\d{1,2})(?::?(\d\d))?)?$/;

const parseMs = (text: string): number | undefined => {
  const found = form.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second = '0', letter, sign, zoneHours = '0', zoneMinutes = '0'] = found;
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [y, mo, d, h, mi, s] = fields;
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 24 || mi > 59 || s > 60) return undefined;
  const ms = Date.UTC(y, mo - 1, d, h, mi, s);
  // The form of a date has four digits for the year; a zone must not push it out of them.
  const offsetMinutes =
    letter !== undefined
      ? military(letter) * 60
      : (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
  const utc = ms - offsetMinutes * 60_000;
  return y >= 100 && utc >= firstMs && utc <= lastMs ? utc : undefined;
};

const firstMs = Date.UTC(100, 0, 1);
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Hours east of UTC. */
const military = (letter: string): number => {
  const upper = letter.toUpperCase();
  if (upper === 'Z') return 0;
  const east = 'ABCDEFGHIKLM'.indexOf(upper);
  return east >= 0 ? east + 1 : -('NOPQRSTUVWXY'.indexOf(upper) + 1);
};
