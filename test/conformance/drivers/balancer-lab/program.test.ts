/** Programs that keep to the protocol of server switches, and programs that do not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { raiseLab, type Lab } from '../../../../reference/host/lab.ts';
import type { Setup } from '../../../../conformance/driver/balancer.ts';
import { SWITCH, switchTopology } from '../../../../conformance/drivers/balancer-lab/network.ts';
import {
  createProduct,
  type Product,
} from '../../../../conformance/drivers/balancer-lab/program.ts';
import { isKernelOurs } from '../../../host/bed.ts';

const SETUP: Setup = { services: [], access: [] };
const folder = mkdtempSync(join(tmpdir(), 'prismspec-program-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let lab: Lab | undefined;
test.after.always(() => lab?.down());

/** The lines of a shell as a program; undefined where there can be no namespace. */
function programOf(
  t: ExecutionContext,
  lines: readonly string[],
  timeoutMs = 20_000,
): Product | undefined {
  if (!isKernelOurs(t)) return undefined;
  lab ??= raiseLab(switchTopology('program'));
  const cmd = ['sh', '-c', lines.join('\n'), 'sh', '{setup}'];
  const path = join(folder, 'setup.json');
  const product = createProduct({ name: 'box', cmd, folder, timeoutMs }, lab.nameOf(SWITCH), path);
  t.teardown(() => product.end());
  return product;
}

const READY = `echo '{"ready":true}'`;
const TWICE = String.raw`printf '{"ready":true}\n{"ready":true}\n'`;
/** A shell that is waiting hears no signal until what it waits for has ended. */
const WAIT = 'while :; do sleep 60 & wait $!; done';

test.serial('a program is told where everybody is, and what to be', async (t) => {
  const look = [
    `grep -q '"device": "eth0"' "$1" || exit 3`,
    `grep -q '"mac": "02:00:00:00:00:01"' "$1" || exit 4`,
    `grep -q '"10.1.0.254/24"' "$1" && grep -q '"address": "10.2.0.4"' "$1" || exit 5`,
    `grep -q '"services"' "$1" || exit 6`,
  ];
  const product = programOf(t, [...look, READY, WAIT]);
  if (product === undefined) return;
  t.is(await product.configure(SETUP), undefined);
  t.is(product.fault(), undefined);
});

test.serial(
  'a program reads its file again at SIGHUP, and says what was wrong with it',
  async (t) => {
    const again = `trap 'echo "{\\"refused\\":\\"$(grep -c s7 "$1") s7\\"}"' HUP`;
    const product = programOf(t, [again, READY, WAIT]);
    if (product === undefined) return;
    t.is(await product.configure(SETUP), undefined);
    t.is(await product.configure(SETUP), '0 s7');
    const access = [{ action: 'deny', source: 's7' }] as const;
    t.is(await product.configure({ ...SETUP, access }), '1 s7');
  },
);

test.serial('a program is ended by SIGTERM, and one that does not end is killed', async (t) => {
  const polite = programOf(t, [`trap 'touch ended; exit 0' TERM`, READY, WAIT]);
  if (polite === undefined) return;
  await polite.configure(SETUP);
  await polite.end();
  rmSync(join(folder, 'ended'));
  const deaf = programOf(t, [`trap '' TERM`, READY, WAIT]);
  await deaf?.configure(SETUP);
  const pid = deaf?.pid() ?? 0;
  t.true(process.kill(pid, 0));
  await deaf?.end();
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test.serial('what a program cannot do is not supported', async (t) => {
  const product = programOf(t, [`echo '{"unsupported":"choosing by maglev"}'`, WAIT]);
  if (product === undefined) return;
  const error = await t.throwsAsync(product.configure(SETUP), { name: 'NotSupported' });
  t.regex(error?.message ?? '', /choosing by maglev/u);
});

for (const [what, lines, reason, told] of [
  ['that ends', ['echo no licence >&2', 'exit 7'], 'ended', /status 7.*no licence/su],
  ['that says what is no word', ['echo hello', WAIT], 'protocol', /box says hello/u],
  ['that says two words at once', [TWICE, WAIT], undefined, undefined],
  ['that is not there', ['exec /nowhere/at/all'], 'ended', /not found/u],
  ['that is silent', ['echo thinking >&2', WAIT], 'timeout', /nothing for 500 ms.*thinking/su],
] as const) {
  test.serial(`a program ${what} is a fault of the driver`, async (t) => {
    const product = programOf(t, lines, reason === 'timeout' ? 500 : undefined);
    if (product === undefined) return;
    if (reason === undefined) {
      t.is(await product.configure(SETUP), undefined);
      t.regex(product.fault()?.message ?? '', /a line that it was not asked for/u);
      return;
    }
    const error = await t.throwsAsync(product.configure(SETUP), { name: 'DriverFault' });
    t.regex(error?.message ?? '', new RegExp(`^\\[${reason}\\]`, 'u'));
    t.regex(error?.message ?? '', told);
  });
}

test.serial('a program that ends while it serves is found out', async (t) => {
  const product = programOf(t, [`trap 'echo bye >&2; exit 9' HUP`, READY, WAIT]);
  if (product === undefined) return;
  await product.configure(SETUP);
  await t.throwsAsync(product.configure(SETUP), { message: /ended with status 9.*bye/su });
  t.regex(product.fault()?.message ?? '', /status 9/u);
});
