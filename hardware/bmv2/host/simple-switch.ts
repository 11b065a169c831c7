/** BMv2's simple_switch_grpc at the devices of this namespace, as a child of this process. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A switch that runs without a program. */
export interface SimpleSwitch {
  /** Where it speaks P4Runtime, as gRPC names it. */
  readonly address: string;
  readonly deviceId: bigint;
  readonly end: () => void;
}

const PROGRAM = 'simple_switch_grpc';
const DEVICE_ID = 0n;
const START_MAX_MS = 10_000;
const PAUSE_MS = 5;

/** Why it cannot be started on this machine; undefined where it can. */
export function whyNoSimpleSwitch(): string | undefined {
  if (spawnSync(PROGRAM, ['--version']).status === 0) return undefined;
  return `there is no ${PROGRAM}: install p4lang-bmv2 from the packages of p4lang`;
}

/**
 * Starts it, ports by their numbers, with its socket in `folder`; this process ends where it does.
 *
 * Rejects with Error where it does not listen.
 */
export async function startSimpleSwitch(
  ports: ReadonlyMap<number, string>,
  folder: string,
): Promise<SimpleSwitch> {
  const socket = join(folder, 'p4runtime');
  rmSync(socket, { force: true });
  const address = `unix:${socket}`;
  const interfaces = [...ports].flatMap(([port, device]) => ['-i', `${port}@${device}`]);
  const words = ['--no-p4', '--device-id', `${DEVICE_ID}`, ...interfaces];
  words.push('--', '--grpc-server-addr', address);
  // A laboratory kills whom it has started, and not their children.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', PROGRAM, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let isWanted = true;
  child.once('error', ({ message }) => die(`setpriv: ${message}`));
  child.once('exit', (status, signal) => die(`ended with ${signal ?? `status ${status}`}`));

  function die(how: string): void {
    if (!isWanted) return;
    process.stderr.write(`${PROGRAM} ${how}\n`);
    process.exit(1);
  }

  const end = (): void => {
    isWanted = false;
    child.kill('SIGKILL');
  };
  for (let waitedMs = 0; !existsSync(socket); waitedMs += PAUSE_MS) {
    if (waitedMs > START_MAX_MS) {
      end();
      throw new Error(`${PROGRAM} does not listen within ${START_MAX_MS} ms`);
    }
    // oxlint-disable-next-line no-await-in-loop
    await sleep(PAUSE_MS);
  }
  return { address, deviceId: DEVICE_ID, end };
}
