/** Programs that others wrote, against which tests compare: what happens where one is missing. */
import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { ExecutionContext } from 'ava';

/** Debian packages whose name is not the program's. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['capinfos', 'wireshark-common'],
  ['editcap', 'wireshark-common'],
  ['mergecap', 'wireshark-common'],
  ['text2pcap', 'wireshark-common'],
  ['scapy', 'python3-scapy'],
  ['tcprewrite', 'tcpreplay'],
  ['go', 'golang-go'],
  ['xmllint', 'libxml2-utils'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
]);

/**
 * True if the program is on the PATH; else the test must return.
 *
 * A missing program fails the test where `CI=true`. Elsewhere the test passes, its log says what
 * was left out, and so does a line in the file that `PRISMSPEC_LEFT_OUT` names.
 */
export function oracle(t: ExecutionContext, program: string): boolean {
  if (isOnPath(program)) return true;
  leaveOut(t, `needs ${program} (Debian package ${PACKAGES.get(program) ?? program})`);
  return false;
}

/** Ends a test for which something is missing here, as `oracle` does. */
export function leaveOut(t: ExecutionContext, leftOut: string): void {
  if (process.env['CI'] === 'true') {
    t.fail(leftOut);
    return;
  }
  t.log(`left out: ${leftOut}`);
  const record = process.env['PRISMSPEC_LEFT_OUT'];
  if (record !== undefined) appendFileSync(record, `${t.title}: ${leftOut}\n`);
  t.pass();
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => {
    // An npm package may bring a program of the same name; nft is one.
    if (folder.includes('node_modules')) return false;
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
