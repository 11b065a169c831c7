/** The program nft. */
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

const COMMAND_MAX_MS = 10_000;

/** Where programs are, without those of npm packages: one of them is called nft, too. */
function pathOfSystem(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.filter((folder) => !folder.includes('node_modules')).join(delimiter);
}

/** Has nft read rules; answers what is wrong with them, if anything. Throws where there is no nft. */
export function loadRules(rules: string): string | undefined {
  const done = spawnSync('nft', ['-f', '-'], {
    input: rules,
    encoding: 'utf8',
    env: { ...process.env, PATH: pathOfSystem() },
    timeout: COMMAND_MAX_MS,
  });
  if (done.error !== undefined) throw done.error;
  return done.status === 0 ? undefined : done.stderr.trim();
}
