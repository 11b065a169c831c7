/** Text for a terminal: columns, colours, lines that are not too long. */

/** Paints text, or leaves it plain where colours are not wanted. */
export interface Palette {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

function painter(code: number, wanted: boolean): (text: string) => string {
  return (text) => (wanted && text !== '' ? `\u{1b}[${code}m${text}\u{1b}[0m` : text);
}

/** The colours of a terminal; `wanted` false gives plain text. */
export function palette(wanted: boolean): Palette {
  return {
    red: painter(31, wanted),
    green: painter(32, wanted),
    yellow: painter(33, wanted),
    dim: painter(2, wanted),
    bold: painter(1, wanted),
  };
}

/** One cell: its text, how it is painted, and whether it is a number. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly right?: boolean;
}

/** Lines with the cells of each row under each other. */
export function table(rows: readonly (readonly Cell[])[]): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.text.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map(({ text, paint = (plain) => plain, right = false }, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - text.length);
        return right ? gap + paint(text) : paint(text) + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Longest line of running text. */
const WIDTH = 100;

/** `text` in lines that begin with `indent`, cut between words. */
export function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH && line.trim() !== '') {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}
