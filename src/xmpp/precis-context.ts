// The rules that look at more than one code point: contextual rules (RFC 5892 Appendix A) and the Bidi Rule (RFC 5893 §2).
// Account names and domain labels both keep them.

import tables from 'tr46/lib/regexes.js';

/** Does the code point at `at`, one of CONTEXTJ or CONTEXTO, stand where it may? */
export const isInContext = (text: string, at: number): boolean => {
  const code = text.codePointAt(at) ?? 0;
  const before = lastOf(text.slice(0, at));
  const [after = ''] = text.slice(at + 1);
  switch (code) {
    case 0x200c: {
      // A.1 zero-width non-joiner: after a virama, or between letters that would join without it.
      if (tables.combiningClassVirama.test(before)) return true;
      const start = text.lastIndexOf('\u200C', at - 1) + 1;
      const end = text.indexOf('\u200C', at + 1);
      return at > 0 && tables.validZWNJ.test(text.slice(start, end < 0 ? undefined : end));
    }
    case 0x200d: // A.2 zero-width joiner
      return tables.combiningClassVirama.test(before);
    case 0xb7: // A.3 middle dot: only in the Catalan l·l
      return before === 'l' && after === 'l';
    case 0x375: // A.4 Greek lower numeral sign
      return /^\p{Script=Greek}/u.test(after);
    case 0x5f3: // A.5 and A.6 geresh, gershayim
    case 0x5f4:
      return /^\p{Script=Hebrew}/u.test(before);
    case 0x30fb: // A.7 katakana middle dot
      return /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text);
  }
  // A.8 and A.9: Arabic-Indic digits of one kind do not mix with those of the other.
  if (code >= 0x660 && code <= 0x669) return !/[\u06F0-\u06F9]/.test(text);
  if (code >= 0x6f0 && code <= 0x6f9) return !/[\u0660-\u0669]/.test(text);
  return false;
};

const lastOf = (text: string): string => [...text.slice(-2)].at(-1) ?? '';

/** RFC 5893 §2, which binds only text that has some character of a right-to-left script. */
export const keepsBidiRule = (text: string): boolean => {
  if (!tables.bidiDomain.test(text)) return true;
  const [first = ''] = text;
  if (tables.bidiS1RTL.test(first))
    return (
      tables.bidiS2.test(text) &&
      tables.bidiS3.test(text) &&
      !(tables.bidiS4EN.test(text) && tables.bidiS4AN.test(text))
    );
  return tables.bidiS1LTR.test(first) && tables.bidiS5.test(text) && tables.bidiS6.test(text);
};
