// Figures as people read them.

export const digits = (value: number, count: number): string => String(value).padStart(count, '0');

/** 8 ms, 740 ms, 11.7 s. */
export const duration = (ms: number): string => {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  return ms < 99_950 ? `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s` : `${(ms / 1000).toFixed(0)} s`;
};

/** 900 B, 49 kB, 1.2 MB. */
export const size = (octets: number): string => {
  if (octets < 1000) return `${octets} B`;
  if (octets < 999_500) return `${(octets / 1000).toFixed(octets < 9950 ? 1 : 0)} kB`;
  return `${(octets / 1e6).toFixed(1)} MB`;
};
