/** A topology that lives in this kernel, from its first namespace to the last. */
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { inNamespace, namespaceFile, NAMESPACES } from './namespace.ts';
import type { Command, Topology } from './topology.ts';
import { linkCommands, namespaceCommands } from './topology.ts';

/** A network that is up. */
export interface Lab {
  /** Name of a host's namespace. */
  nameOf(host: string): string;
  /** Does `work`, which must not be asynchronous, in a host's namespace; see `inNamespace`. */
  inside<T>(host: string, work: () => T): T;
  /** Starts a program in a host's namespace; it ends with the network at the latest. */
  start(host: string, words: readonly string[], stdio?: StdioOptions): ChildProcess;
  /** Runs lines of `ip -batch` in a host's namespace; throws Error with what ip says. */
  ip(host: string, ...lines: readonly string[]): void;
  /** Ends what was started and removes the namespaces; may be called again. */
  down(): void;
}

const OWNED_NAME = /^prismspec-([0-9]+)-/u;

const COMMAND_MAX_MS = 20_000;

/**
 * Makes the namespaces and links of a topology. Throws Error with the line that could not be done;
 * nothing is left then. The names begin with `prismspec-` and the process id; what bears them
 * already is left from another program, and is removed.
 */
export function raiseLab(topology: Topology): Lab {
  const nameOf = (host: string): string => `prismspec-${process.pid}-${topology.name}-${host}`;
  const names = Object.keys(topology.hosts).map(nameOf);
  const started = new Set<ChildProcess>();
  const down = (): void => {
    for (const child of started) child.kill('SIGKILL');
    started.clear();
    removeNamespaces(names);
    process.off('exit', down);
  };
  down();
  process.on('exit', down);
  try {
    namespaceCommands(topology, nameOf).forEach(run);
    for (const [host, { settings = {} }] of Object.entries(topology.hosts)) {
      inNamespace(nameOf(host), () => writeSettings(settings));
    }
    linkCommands(topology, nameOf).forEach(run);
  } catch (error) {
    down();
    throw error;
  }
  return {
    nameOf,
    inside: (host, work) => inNamespace(nameOf(host), work),
    start(host, words, stdio = 'ignore') {
      const child = spawn('ip', ['netns', 'exec', nameOf(host), ...words], { stdio });
      started.add(child);
      child.once('exit', () => started.delete(child));
      return child;
    },
    ip: (host, ...lines) => run({ words: ['ip', '-n', nameOf(host), '-batch', '-'], lines }),
    down,
  };
}

/**
 * Removes the namespaces of processes that are gone: one that was killed could not take its network
 * down. Answers their names.
 */
export function removeStaleLabs(): readonly string[] {
  if (!existsSync(NAMESPACES)) return [];
  const stale = readdirSync(NAMESPACES).filter((name) => {
    const pid = OWNED_NAME.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
  removeNamespaces(stale);
  return stale;
}

function removeNamespaces(names: readonly string[]): void {
  const present = names.filter((name) => existsSync(namespaceFile(name)));
  if (present.length === 0) return;
  const input = present.map((name) => `netns del ${name}\n`).join('');
  // One that cannot be removed must not keep the others.
  spawnSync('ip', ['-force', '-batch', '-'], { input, timeout: COMMAND_MAX_MS });
}

function writeSettings(settings: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    writeFileSync(`/proc/sys/net/${name.replaceAll('.', '/')}`, String(value));
  }
}

function run({ words, lines }: Command): void {
  const [program = '', ...rest] = words;
  const done = spawnSync(program, rest, {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    timeout: COMMAND_MAX_MS,
  });
  if (done.status === 0) return;
  const said = (done.stderr ?? '').trim() || (done.error?.message ?? `status ${done.status}`);
  throw new Error(`${words.join(' ')}: ${said}\n${lines.join('\n')}`);
}
