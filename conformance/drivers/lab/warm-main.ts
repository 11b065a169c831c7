/**
 * `warm-main.ts PROGRAM PLAN NAME`: the program of a part, read and waiting for its turn.
 *
 * It begins with an octet on standard input; its plan may be written until then. So a part that was
 * killed can be back at once, and not when Node.js has read all its files.
 */
import { readSync } from 'node:fs';
import '../../../reference/host/prism/attach.ts';
import '../../../reference/host/prism/controller.ts';
import '../../../reference/host/prism/plan.ts';

const STANDARD_INPUT = 0;
const [node = '', , program = '', ...words] = process.argv;

// Nothing else is to happen here until then, so the thread may wait.
const isWanted = readSync(STANDARD_INPUT, new Uint8Array(1)) === 1;
if (!isWanted) process.exit(0);
process.argv = [node, program, ...words];
await import(program);
