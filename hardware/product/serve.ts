/**
 * A product as a server switch that the suite starts: one process for one story.
 *
 *   start.ts FILE     serves as FILE says, and prints {"ready":true}, a line
 *   SIGHUP            reads FILE again, serves as it says now, and prints such a line again
 *   SIGTERM           ends the product, and itself; so does the end of standard input
 *
 * In place of `ready` a line may say `refused` or `unsupported`, and why; the product goes on as it
 * was. Where the product ends by itself, so does this process, with status 1; where nobody is left who
 * started it, it ends as by SIGTERM.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lack } from './ability.ts';
import { virtualAddresses, type SetupFile } from './setup-file.ts';

/** A product at work. */
export interface Product {
  /** Serves as the file says, from when this resolves, or says why not and goes on as before. */
  apply(file: SetupFile): Promise<Lack | undefined>;
  /** Resolves when nothing of it is left. */
  end(): Promise<void>;
}

/** Makes a product that has done nothing yet, and keeps its files in `folder`. */
export type OpenProduct = (folder: string) => Product;

/** How often it looks whether who started it is still there. */
const LOOK_MS = 1000;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Gives the device the virtual addresses of the setup, where it need not share them.
 *
 * None is taken away before the end: connections to it may be at work still.
 */
function carry({ setup, device, pair }: SetupFile, carried: Set<string>): void {
  if (pair !== undefined) return;
  for (const address of virtualAddresses(setup)) {
    if (!carried.has(address)) ip('replace', address, device);
    carried.add(address);
  }
}

function ip(verb: 'replace' | 'del', address: string, device: string): void {
  execFileSync('ip', ['address', verb, `${address}/32`, 'dev', device], { stdio: 'inherit' });
}

/**
 * Starts a program of a product, which does not outlive this process, nor this process it.
 *
 * It must take SIGTERM as the word to end at once, with all that it has started.
 */
export function startDaemon(words: readonly string[], isWanted: () => boolean): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const die = (how: string): void => {
    if (!isWanted()) return;
    process.stderr.write(`${words[0]} ${how}\n`);
    process.exit(1);
  };
  child.once('error', ({ message }) => die(`cannot be started: ${message}`));
  child.once('exit', (status, signal) => die(`ended with ${signal ?? `status ${status}`}`));
  return child;
}

/** Ends a program that was started, and waits until it is gone. */
export async function endDaemon(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** Serves a product as the command line and signals say. */
export function serveProduct(open: OpenProduct): void {
  const path = process.argv[2];
  if (path === undefined) throw new Error(`usage: ${process.argv[1] ?? 'start.ts'} FILE`);
  const folder = mkdtempSync(join(tmpdir(), 'prismspec-product-'));
  const product = open(folder);
  const carried = new Set<string>();

  async function apply(): Promise<void> {
    const file: SetupFile = JSON.parse(readFileSync(String(path), 'utf8'));
    carry(file, carried);
    const lack = await product.apply(file);
    say(lack ?? { ready: true });
  }

  async function end(): Promise<void> {
    await product.end();
    const { device }: SetupFile = JSON.parse(readFileSync(String(path), 'utf8'));
    for (const address of carried) ip('del', address, device);
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  }

  // What comes while something is being done waits for it.
  let turn = Promise.resolve();
  const next = (work: () => Promise<void>): void => {
    turn = turn.then(work).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    });
  };
  process.on('SIGHUP', () => next(apply));
  process.on('SIGTERM', () => next(end));
  // Whoever holds the other end of standard input must not be outlived.
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) process.stdin.on('end', () => next(end)).resume();
  next(apply);
  const parent = process.ppid;
  // Where the product has not been started yet, nothing else keeps this process.
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    next(end);
  }, LOOK_MS);
}
