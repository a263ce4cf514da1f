// GeoLocation of CSP: degrees, minutes and seconds with a hemisphere, such as `12 36 22.5N`; XEP-0080 has decimal degrees.

export const toDms = (degrees: number, axis: 'latitude' | 'longitude'): string => {
  const hemisphere = axis === 'latitude' ? (degrees < 0 ? 'S' : 'N') : degrees < 0 ? 'W' : 'E';
  const thousandths = Math.round(Math.abs(degrees) * 3_600_000);
  const seconds = (thousandths % 60_000) / 1000;
  return `${Math.floor(thousandths / 3_600_000)} ${Math.floor(thousandths / 60_000) % 60} ${seconds}${hemisphere}`;
};

/** Decimal degrees, or undefined when the text is no position on that axis. Plain decimal degrees are taken too. */
export const fromDms = (text: string, axis: 'latitude' | 'longitude'): number | undefined => {
  const found =
    /^\s*([+-]?\d+(?:\.\d+)?)(?:[\s°]+(\d+(?:\.\d+)?)(?:[\s']+(\d+(?:\.\d+)?))?)?[\s"']*([NSEW])?\s*$/i.exec(text);
  if (!found) return undefined;
  const [, degrees = '', minutes = '0', seconds = '0', hemisphere = ''] = found;
  if (hemisphere && !(axis === 'latitude' ? /[NS]/i : /[EW]/i).test(hemisphere)) return undefined;
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return undefined;
  const size = Math.abs(Number(degrees)) + Number(minutes) / 60 + Number(seconds) / 3600;
  if (size > (axis === 'latitude' ? 90 : 180)) return undefined;
  return /[SW]/i.test(hemisphere) || degrees.startsWith('-') ? -size : size;
};
