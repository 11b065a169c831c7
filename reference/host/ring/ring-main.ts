/**
 * A ring switch as a process: `ring-main.ts OPTIONS < COMMANDS`, in the namespace of its devices.
 *
 * The options are JSON. Commands, a line each as control messages in hexadecimal digits, are
 * performed before the first frame is taken: a switch that takes the place of one that died must
 * know its rules, for an owner's segment that reaches the client as it is costs the connection.
 *
 * It says `ready` on standard output when it switches, and then what it has lost, when that has
 * changed, at most once a second. It ends with whoever started it, or by a signal; what it held is
 * lost then, and its rules.
 */
import { readFileSync, writeSync } from 'node:fs';
import { decodeCommand } from '../../control/codec.ts';
import type { RingOptions } from './ring-switch.ts';
import { openRingSwitch } from './ring-switch.ts';

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
/** Leases end this much late at most. */
const TURN_MS = 10;
const REPORT_MS = 1000;

const options: RingOptions = JSON.parse(process.argv[2] ?? '');
const ring = openRingSwitch(options);
const parent = process.ppid;
for (const line of readFileSync(STANDARD_INPUT, 'latin1').split('\n').filter(Boolean)) {
  const request = decodeCommand(Buffer.from(line, 'hex'));
  if (request === undefined) throw new Error(`not a command: ${line}`);
  const reply = ring.execute(request.command);
  if (!reply.ok) throw new Error(`${reply.op} was refused: ${reply.detail}`);
}
writeSync(STANDARD_OUTPUT, 'ready\n');

let reported = '{}';
let reportMs = performance.now();
// The loop of Node.js is not used: it cannot wait for packet sockets.
while (process.ppid === parent) {
  for (; performance.now() - reportMs < REPORT_MS; ring.turn(TURN_MS));
  reportMs = performance.now();
  const lost = JSON.stringify(ring.counters().lost);
  if (lost !== reported) writeSync(STANDARD_OUTPUT, `${lost}\n`);
  reported = lost;
}
