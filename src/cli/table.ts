/** Rows as aligned columns; the last one is as long as it is. */
export function table(header: string[], rows: string[][]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => row[column].length)));
  return [header, ...rows].map(row => row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(widths[column])).join('  ').trimEnd())
    .map(line => `${line}\n`).join('');
}

/** A time for people, to the second. */
export function moment(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
