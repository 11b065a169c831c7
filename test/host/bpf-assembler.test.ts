/** Instructions as RFC 9669 encodes them, and programs that the kernel takes or refuses. */
import test from 'ava';
import type { Line } from '../../reference/host/bpf/assembler.ts';
import {
  addAtomic,
  assemble,
  call,
  compute,
  compute32,
  exit,
  jump,
  jumpIf,
  label,
  list,
  load,
  loadMap,
  loadMapValue,
  store,
  swap,
} from '../../reference/host/bpf/assembler.ts';
import { createArrayMap, createHashMap } from '../../reference/host/bpf/map.ts';
import { loadProgram, testRun, VerifierError } from '../../reference/host/bpf/program.ts';
import { closeDescriptor } from '../../reference/host/socket.ts';
import { isBpfOurs } from './bpf-bed.ts';

function hex(...lines: readonly Line[]): string {
  return Buffer.from(assemble(lines)).toString('hex');
}

test('instructions are encoded as RFC 9669 section 3 to 5 says', (t) => {
  t.is(hex(compute('r1', '=', 'r6')), 'bf61000000000000');
  t.is(hex(compute('r0', '=', 2)), 'b700000002000000');
  t.is(hex(compute('r2', '+=', -78)), '07020000b2ffffff');
  t.is(hex(compute('r9', '>>=', 16)), '7709000010000000');
  t.is(hex(compute('r3', '<<=', 'r4')), '6f43000000000000');
  t.is(hex(compute('r3', '&=', 7)), '5703000007000000');
  t.is(hex(compute('r3', '|=', 'r5')), '4f53000000000000');
  t.is(hex(compute32('r3', '^=', -1)), 'a4030000ffffffff');
  t.is(hex(swap('r2', 4)), 'dc02000020000000');
  t.is(hex(swap('r5', 2)), 'dc05000010000000');
  t.is(hex(load('r2', 1, 'fp', -55)), '71a2c9ff00000000');
  t.is(hex(load('r2', 2, 'r7', 20)), '6972140000000000');
  t.is(hex(load('r2', 4, 'r6', 164)), '6162a40000000000');
  t.is(hex(load('r2', 8, 'r0', 0)), '7902000000000000');
  t.is(hex(store('fp', -24, 4, 'r2')), '632ae8ff00000000');
  t.is(hex(store('fp', -88, 8, 54)), '7a0aa8ff36000000');
  t.is(hex(addAtomic('r7', 64, 'r2')), 'db27400000000000');
  t.is(hex(call(26, 'bpf_skb_load_bytes')), '850000001a000000');
  t.is(hex(exit()), '9500000000000000');
  t.is(hex(loadMap('r1', 5, 'm')), '18110000050000000000000000000000');
  t.is(hex(loadMapValue('r1', 5, 'm', 16)), '18210000050000000000000010000000');
});

test('each comparison has its code, and a jump counts words from the one behind it', (t) => {
  const here = label('here');
  const codes = ['==', '>', '>=', '&', '!=', '<', '<='] as const;
  t.deepEqual(
    codes.map((how) => hex(here, jumpIf('r3', how, 'r2', 'here')).slice(0, 8)),
    ['1d23ffff', '2d23ffff', '3d23ffff', '4d23ffff', '5d23ffff', 'ad23ffff', 'bd23ffff'],
  );
  t.is(
    hex(jumpIf('r2', '!=', 8, 'end'), loadMap('r1', 1, 'm'), label('end')).slice(0, 16),
    '5502020008000000',
  );
  t.is(hex(jump('end'), exit(), label('end'), exit()).slice(0, 16), '0500010000000000');
});

test('a label that is missing, or stands twice, is our own mistake', (t) => {
  t.throws(() => assemble([jump('nowhere')]), { instanceOf: RangeError, message: /nowhere/u });
  t.throws(() => assemble([label('a'), label('a')]), { instanceOf: RangeError, message: /a/u });
});

test('a listing numbers the words as the verifier does', (t) => {
  const lines = [loadMap('r1', 5, 'flows'), label('end'), load('r0', 4, 'fp', -8), exit()];
  t.is(list(lines), '    0  r1 = map flows\nend:\n    2  r0 = u32 [fp − 8]\n    3  exit\n');
});

test('what the verifier refuses is an error that says why', (t) => {
  if (!isBpfOurs(t)) return;
  const error = t.throws(() => loadProgram('unset', assemble([exit()])), {
    instanceOf: VerifierError,
  });
  t.regex(error?.message ?? '', /R0 !read_ok/u);
});

test('a program runs on a frame, and writes what this process reads', (t) => {
  if (!isBpfOurs(t)) return;
  const map = createArrayMap({ name: 'count', valueOctets: 16, capacity: 1 });
  const program = assemble([
    load('r2', 4, 'r1', 0),
    loadMapValue('r3', map.fd, 'count', 8),
    addAtomic('r3', 0, 'r2'),
    compute('r0', '=', 2),
    exit(),
  ]);
  const fd = loadProgram('count', program);
  const run = testRun(fd, new Uint8Array(60), 3);
  t.deepEqual({ verdict: run.verdict, length: run.octets.length }, { verdict: 2, length: 60 });
  t.deepEqual([...map.octets], [0, 0, 0, 0, 0, 0, 0, 0, 180, 0, 0, 0, 0, 0, 0, 0]);
  closeDescriptor(fd);
  map.close();
});

test('a hash map keeps what it is given, and no more than it has room for', (t) => {
  if (!isBpfOurs(t)) return;
  const map = createHashMap({ name: 'pairs', keyOctets: 3, valueOctets: 2, capacity: 2 });
  const [one, two, three] = [
    Uint8Array.of(0, 0, 1),
    Uint8Array.of(0, 0, 2),
    Uint8Array.of(0, 0, 3),
  ];
  t.is(map.get(one), undefined);
  t.false(map.delete(one));
  map.set(one, Uint8Array.of(7, 8));
  map.set(two, Uint8Array.of(1, 2));
  map.set(one, Uint8Array.of(9, 8));
  t.deepEqual([...(map.get(one) ?? [])], [9, 8]);
  t.throws(() => map.set(three, Uint8Array.of(0, 0)), { message: /E2BIG/u });
  t.true(map.delete(two));
  t.is(map.get(two), undefined);
  map.close();
});
