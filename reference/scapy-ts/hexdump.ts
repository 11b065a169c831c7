/** Octets for people: 16 to a line, offset in front, text behind. */

const PER_LINE = 16;

/** `0000  45 00 00 28 00 01 00 00  40 06 7c cd 0a 00 00 01  E..(....@.|.....`, line by line. */
export function hexdump(octets: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += PER_LINE) {
    const line = Array.from(octets.subarray(at, at + PER_LINE));
    const hex = line.map((octet) => octet.toString(16).padStart(2, '0'));
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')];
    const offset = at.toString(16).padStart(4, '0');
    const text = line.map(printable).join('');
    lines.push(`${offset}  ${halves.join('  ').padEnd(PER_LINE * 3)}  ${text}`);
  }
  return lines.join('\n');
}

function printable(octet: number): string {
  return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '.';
}
