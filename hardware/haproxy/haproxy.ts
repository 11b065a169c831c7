/**
 * HAProxy at work: each setup has a process of its own, which takes over the listening sockets of
 * the one before and tells it to finish (management.txt of version 2.6, section 4).
 */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lackOf, type Sharing } from '../product/ability.ts';
import { endDaemon, startDaemon, type Product } from '../product/serve.ts';
import { ABILITY, configurationOf } from './configuration.ts';

const START_MAX_MS = 20_000;
const PAUSE_MS = 5;

interface Generation {
  readonly child: ChildProcess;
  readonly statsPath: string;
}

/** Whether a process answers at its socket: then it has told the one before to finish. */
async function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => socket.write('show info\n'));
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}

/** Makes HAProxy a server switch, or one of two; it keeps its files in `folder`. */
export function openHaproxy(folder: string, sharing: Sharing = 'alone'): Product {
  const generations: Generation[] = [];
  let isEnding = false;

  async function begin(configuration: string, statsPath: string): Promise<void> {
    const before = generations.at(-1);
    const finish =
      before === undefined ? [] : ['-x', before.statsPath, '-sf', String(before.child.pid)];
    const generation: Generation = {
      statsPath,
      child: startDaemon(
        ['haproxy', '-db', '-f', configuration, ...finish],
        // One that has finished is not missed.
        () => !isEnding && generations.at(-1) === generation,
      ),
    };
    generations.push(generation);
    for (let waitedMs = 0; !(await answers(statsPath)); waitedMs += PAUSE_MS) {
      if (waitedMs > START_MAX_MS) throw new Error(`no answer within ${START_MAX_MS} ms`);
      await sleep(PAUSE_MS);
    }
  }

  return {
    async apply(file) {
      const lack = lackOf(ABILITY, file.setup, sharing);
      if (lack !== undefined) return lack;
      const name = join(folder, String(generations.length));
      const [configuration, statsPath] = [`${name}.cfg`, `${name}.sock`];
      writeFileSync(configuration, configurationOf(file, statsPath));
      const check = spawnSync('haproxy', ['-c', '-q', '-f', configuration], { encoding: 'utf8' });
      if (check.error !== undefined) throw check.error;
      if (check.status !== 0) return { refused: check.stderr.trim() };
      await begin(configuration, statsPath);
      return undefined;
    },
    async end() {
      isEnding = true;
      await Promise.all(generations.map(({ child }) => endDaemon(child)));
    },
  };
}
