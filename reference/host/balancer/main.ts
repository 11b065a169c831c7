/**
 * `main.ts [--api SOCKET] DOCUMENT DEVICE…`: the reference server switch, as root, in the namespace
 * of its devices.
 *
 * The devices need no address, for the switch answers for its own; without offloads, for it takes
 * frames as they are on a wire. It says `ready` on standard output when it switches. At SIGHUP it
 * reads the document again, and says `configured`, or `refused` and on standard error all that is
 * wrong with it, and goes on as before. It ends at SIGTERM and SIGINT, and its connections with it.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serveApi } from './api.ts';
import { startSwitch, type HostedSwitch } from './switch.ts';

const EXIT = { usage: 64, badInput: 65, cannotRun: 69 } as const;

function complain(status: number, text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(status);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function start(file: string, devices: readonly string[]): HostedSwitch {
  const text = read(file);
  if (text === undefined) complain(EXIT.usage, `${file} cannot be read`);
  try {
    const started = startSwitch(text, file, devices);
    return started.ok ? started.value : complain(EXIT.badInput, started.error);
  } catch (error) {
    return complain(EXIT.cannotRun, `the devices ${devices.join(', ')}: ${String(error)}`);
  }
}

function readAgain(file: string, running: HostedSwitch): void {
  const text = read(file);
  const fault = text === undefined ? `${file} cannot be read` : running.replace(text, file);
  if (fault !== undefined) process.stderr.write(`${fault}\n`);
  process.stdout.write(fault === undefined ? 'configured\n' : 'refused\n');
}

const { values, positionals } = parseArgs({
  options: { api: { type: 'string' } },
  allowPositionals: true,
});
const [file, ...devices] = positionals;
if (file === undefined || devices.length === 0) {
  complain(EXIT.usage, 'usage: main.ts [--api SOCKET] DOCUMENT DEVICE…');
}
const running = start(file, devices);
const { metrics, document, replace } = running;
const commanded = { metrics, document, replace: (text: string) => replace(text, 'document') };
const api = values.api === undefined ? undefined : await serveApi(values.api, commanded);

process.on('SIGHUP', () => readAgain(file, running));
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    api?.close();
    void running.close();
  });
}
process.stdout.write('ready\n');
await running.ended;
