/** Programs that others wrote, against which tests compare: what happens where one is missing. */
import { accessSync, appendFileSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import type { ExecutionContext } from 'ava';

/** Debian packages whose name is not the program's. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['capinfos', 'tshark'],
  ['editcap', 'tshark'],
  ['mergecap', 'tshark'],
  ['text2pcap', 'tshark'],
  ['scapy', 'python3-scapy'],
  ['tcprewrite', 'tcpreplay'],
  ['go', 'golang-go'],
  ['xmllint', 'libxml2-utils'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['tclsh', 'tcl'],
  ['nginx', 'nginx-light'],
  ['unshare', 'util-linux'],
  ['setpriv', 'util-linux'],
]);

/** What tools/setup installs, and what each Debian has. */
const INSTALLED: ReadonlySet<string> = new Set([
  'util-linux',
  ...(/^packages='([^']+)'/mu
    .exec(readFileSync(new URL('../tools/setup', import.meta.url), 'utf8'))?.[1]
    ?.split(/\s+/u) ?? []),
]);

/** Programs that Debian does not have, and whose package has them: no machine of CI need have them. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['simple_switch_grpc', 'p4lang-bmv2, of p4lang'],
  ['simple_switch', 'p4lang-bmv2, of p4lang'],
  ['p4c-bm2-ss', 'p4lang-p4c, of p4lang'],
]);

/**
 * True if the program is on the PATH; else the test must return.
 *
 * A missing program fails the test where `CI=true`, unless Debian does not have it. Elsewhere the test passes, its log says what
 * was left out, and so does a line in the file that `PRISMSPEC_LEFT_OUT` names.
 */
export function oracle(t: ExecutionContext, program: string): boolean {
  const elsewhere = ELSEWHERE.get(program);
  const debian = PACKAGES.get(program) ?? program;
  // Also where the program happens to be there: a new machine has only what tools/setup installs.
  if (elsewhere === undefined && !INSTALLED.has(debian)) {
    t.fail(`tools/setup does not install ${debian}, which has ${program}`);
    return false;
  }
  if (isOnPath(program)) return true;
  if (elsewhere === undefined) leaveOut(t, `needs ${program} (Debian package ${debian})`);
  else sayLeftOut(t, `needs ${program} (${elsewhere})`);
  return false;
}

/** Ends a test for which something is missing here, as `oracle` does. */
export function leaveOut(t: ExecutionContext, leftOut: string): void {
  if (process.env['CI'] === 'true') {
    t.fail(leftOut);
    return;
  }
  sayLeftOut(t, leftOut);
}

/** Leaves a test out, and says so here and in the gate's list. */
function sayLeftOut(t: ExecutionContext, leftOut: string): void {
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
