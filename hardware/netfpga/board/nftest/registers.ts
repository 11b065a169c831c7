/**
 * The registers of a card for other programs, by lines through a socket.
 *
 *   read ADDRESS │ write ADDRESS VALUE   ─▶   VALUE      numbers in hexadecimal
 */
import { createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import type { Registers } from '../../driver/bus.ts';
import { BASES } from '../../driver/registers.ts';

const CORE_OCTETS = 0x1000;
const REQUEST = /^(?:read ([0-9a-f]{1,8})|write ([0-9a-f]{1,8}) ([0-9a-f]{1,8}))$/u;

/** Where the core has an address of either card; undefined where something else is there. */
function offsetOf(address: number): number | undefined {
  const base = Object.values(BASES).find((each) => address >= each && address < each + CORE_OCTETS);
  return base === undefined ? undefined : address - base;
}

/** What one line gets; undefined where it is no request. */
async function answer(registers: Registers, line: string): Promise<number | undefined> {
  const [, read, write, text] = REQUEST.exec(line) ?? [];
  const at = read ?? write;
  if (at === undefined) return undefined;
  const address = offsetOf(Number.parseInt(at, 16));
  // Of the card there is only the core: elsewhere all is zero, and a write changes nothing.
  if (address === undefined) return 0;
  if (text === undefined) return registers.read(address);
  await registers.write([{ address, value: Number.parseInt(text, 16) }]);
  return 0;
}

/** Answers whoever connects to `path`; a line that is no request ends the connection. */
export function serveRegisters(path: string, registers: Registers): Promise<Server> {
  const server = createServer((connection) => {
    // Whoever asks may be gone before it hears the answer.
    connection.on('error', () => connection.destroy());
    createInterface({ input: connection }).on('line', (line) => {
      answer(registers, line).then(
        (value) =>
          value === undefined ? connection.destroy() : connection.write(`${value.toString(16)}\n`),
        () => connection.destroy(),
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}
