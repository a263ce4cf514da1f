/** Rows under headings, in columns as wide as they need. Control characters of strangers do not reach the terminal. */
export const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string => {
  const clean = [headings, ...rows].map((row) => row.map((cell) => cell.replaceAll(/\p{C}/gu, '\ufffd')));
  const widths = headings.map((_, column) => Math.max(...clean.map((row) => [...(row[column] ?? '')].length)));
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - [...cell].length))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
