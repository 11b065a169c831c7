/**
 * nginx at work: a master, whose workers serve one configuration each, and those of the one before
 * finish what they have begun (nginx.org/en/docs/control.html).
 */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endDaemon, startDaemon, type Product } from '../product/serve.ts';
import { configurationOf, lackOfNginx } from './configuration.ts';

const START_MAX_MS = 20_000;
const PAUSE_MS = 5;

/** What `/proc` says; empty where there is nothing any more. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The workers of a master that take new connections; each says by its title what it does. */
function workersOf(master: number): readonly string[] {
  const children = read(`/proc/${master}/task/${master}/children`).split(' ');
  return children.filter((pid) => {
    return pid !== '' && /: worker process\0*$/u.test(read(`/proc/${pid}/cmdline`));
  });
}

/** Makes nginx, which keeps its files in `folder`. */
export function openNginx(folder: string): Product {
  let child: ChildProcess | undefined;
  let isEnding = false;
  const configuration = join(folder, 'nginx.conf');

  /** Until workers serve what no worker of `before` knows, and none of those takes anything new. */
  async function settled(master: number, before: readonly string[]): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
      const workers = workersOf(master);
      if (workers.length > 0 && !workers.some((pid) => before.includes(pid))) return;
      if (waitedMs > START_MAX_MS) throw new Error(`no workers within ${START_MAX_MS} ms`);
      await sleep(PAUSE_MS);
    }
  }

  async function begin(): Promise<void> {
    const running = child?.pid;
    const before = running === undefined ? [] : workersOf(running);
    child?.kill('SIGHUP');
    child ??= startDaemon(
      ['nginx', '-p', folder, '-c', configuration, '-e', 'stderr'],
      () => !isEnding,
    );
    if (child.pid !== undefined) await settled(child.pid, before);
  }

  return {
    async apply(file) {
      const lack = lackOfNginx(file.setup);
      if (lack !== undefined) return lack;
      const written = `${configuration}.new`;
      writeFileSync(written, configurationOf(file, folder));
      const words = ['-t', '-q', '-p', folder, '-c', written, '-e', 'stderr'];
      const check = spawnSync('nginx', words, { encoding: 'utf8' });
      if (check.error !== undefined) throw check.error;
      if (check.status !== 0) return { refused: check.stderr.trim() };
      renameSync(written, configuration);
      await begin();
      return undefined;
    },
    async end() {
      isEnding = true;
      if (child !== undefined) await endDaemon(child);
    },
  };
}
