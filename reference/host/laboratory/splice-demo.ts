/** A download from a server on whose machine nothing of a Prism is. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { demoOctets } from '../prism/demo.ts';
import type { SpliceStep } from '../prism/metrics.ts';
import { expected } from './client.ts';
import type { Counted } from './counted.ts';
import { runAt, until, type Laboratory } from './laboratory.ts';
import type { PlainServer } from './plain.ts';
import type { LaboratoryOptions } from './site.ts';
import { count, say, throughController, type Stage } from './stage.ts';

const FILE_OCTETS = 20_000_000;
const SPLICED_MAX_MS = 5000;
/** The steps before the request is passed on. */
const BEFORE: ReadonlySet<string> = new Set<SpliceStep>(['binding', 'guarding', 'turning']);

const TITLES: Readonly<Record<PlainServer, string>> = {
  nginx: 'curl downloads from nginx, which knows of no Prism',
  'node:http':
    'curl downloads from a bare server of Node.js, which knows of no Prism (nginx is not installed)',
};

/** What the laboratory of a demonstration has: two backends with agents, and a plain one. */
export const SHOWN: Pick<LaboratoryOptions, 'backends' | 'plain'> = { backends: 3, plain: ['b3'] };

/** Writes the file that the plain server of such a laboratory has; answers its path. */
export function writePlainFile({ files }: Laboratory): string {
  const path = `/c/${FILE_OCTETS}`;
  writeFileSync(join(files, path), demoOctets('b3', path, 0, FILE_OCTETS));
  return path;
}

/** Fetches it with curl, and says what passed where; throws Error that says what is not so. */
export async function answerByPlainServer(stage: Stage): Promise<void> {
  const { laboratory, rules } = stage;
  const path = writePlainFile(laboratory);
  say(stage, `5  ${TITLES[laboratory.plainServer]}`);
  const before = await laboratory.metrics();
  const { server, port } = await fetchFile(laboratory, path);
  say(
    stage,
    `     GET ${path}   200  ${FILE_OCTETS.toLocaleString('en-US')} octets${server}, every octet right`,
  );
  const after = await whenSpliced(laboratory);
  const ruled = (await rules.read()).filter(({ rule }) => rule.key.client.port === port);
  const shifted = ruled.reduce((sum, { fromClient, fromOwner }) => {
    return sum + fromClient.octets + fromOwner.octets;
  }, 0);
  const passed = throughController(after) - throughController(before);
  say(stage, `     through the controller ${count(passed)} octets`);
  say(stage, `     through the switch     ${count(shifted)} octets`);
  sayTimes(stage, after);
}

/** What is counted when the controller has heard that all is joined, which the client may be before. */
async function whenSpliced(laboratory: Laboratory): Promise<Counted> {
  let counts = await laboratory.metrics();
  const isSpliced = async (): Promise<boolean> => {
    counts = await laboratory.metrics();
    return counts.splices['spliced'] === 1;
  };
  await until(isSpliced, SPLICED_MAX_MS, () => {
    const notes = laboratory.linesOf('controller').filter((line) => line.startsWith('{"at"'));
    return `it was not spliced:\n  ${notes.slice(-5).join('\n  ')}`;
  });
  return counts;
}

async function fetchFile(
  laboratory: Laboratory,
  path: string,
): Promise<{ readonly server: string; readonly port: number }> {
  const file = join(dirname(laboratory.plan), 'fetched');
  const line = '%{http_code} %{local_port} %header{server}';
  const words = ['curl', '-sS', '-m', '60', '-o', file, '-w', line, `${laboratory.site}${path}`];
  const said = await runAt(laboratory, 'c1', words);
  const [, status, port, server] = /^(\d+) (\d+) (.*)$/u.exec(said) ?? [];
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (status !== '200') throw new Error(`GET ${path}: status ${status}`);
  if (sha256 !== expected('b3', path).sha256) throw new Error(`GET ${path}: wrong octets`);
  return { server: server === '' ? '' : `, Server: ${server}`, port: Number(port) };
}

function sayTimes(stage: Stage, { splice, spliceSteps }: Counted): void {
  const text = (isBefore: boolean): string =>
    Object.entries(spliceSteps)
      .filter(([step]) => BEFORE.has(step) === isBefore)
      .map(([step, { p50 }]) => `${step} ${p50.toFixed(2)}`)
      .join(', ');
  say(stage, `     before the server was asked: ${text(true)} ms`);
  say(stage, `     joined in ${splice.p50.toFixed(2)} ms: ${text(false)}`);
}
