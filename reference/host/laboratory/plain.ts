/** Servers that know of no Prism: nginx as it is installed, else a bare server of `node:http`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../lab.ts';
import { SERVER_PORT } from './site.ts';

/** The plain servers that there are. */
export const PLAIN_SERVERS = ['nginx', 'node:http'] as const;

/** One of them. */
export type PlainServer = (typeof PLAIN_SERVERS)[number];

/** What one is started with. */
export interface PlainSite {
  /** Where it listens, `10.0.0.21:8080`. */
  readonly at: string;
  /** A folder for what it writes. */
  readonly home: string;
  /** The folder of what it serves. */
  readonly files: string;
}

const BARE = fileURLToPath(new URL('plain-main.ts', import.meta.url));
const LISTENING = new RegExp(`:${SERVER_PORT.toString(16).toUpperCase()} \\S+ 0A `, 'u');

/** Which of them this machine has. */
export function findPlainServer(): PlainServer {
  return spawnSync('nginx', ['-v']).status === 0 ? 'nginx' : 'node:http';
}

/** The words that start one; `node` are those of a program of this repository. */
export function plainWords(
  server: PlainServer,
  { at, home, files }: PlainSite,
  node: readonly string[],
): readonly string[] {
  if (server === 'node:http') return [...node, BARE, files, at];
  mkdirSync(home, { recursive: true });
  const file = join(home, 'nginx.conf');
  writeFileSync(file, nginxText({ at, home, files }));
  return ['nginx', '-p', home, '-c', file];
}

/** One process, which writes nothing outside of its home. */
function nginxText({ at, home, files }: PlainSite): string {
  const modules = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
user root;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
events {}
http {
  access_log off;
  sendfile on;
  ${modules.map((name) => `${name}_temp_path ${home}/${name};`).join('\n  ')}
  server { listen ${at}; root ${files}; }
}
`;
}

/** Whether somebody of `host` listens at `at`, or at all its addresses. */
export function isListening(lab: Lab, host: string, at: string): boolean {
  const table = `/proc/thread-self/net/${at.startsWith('[') ? 'tcp6' : 'tcp'}`;
  return LISTENING.test(lab.inside(host, () => readFileSync(table, 'utf8')));
}
