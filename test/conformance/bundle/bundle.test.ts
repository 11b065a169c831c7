/** Bundles from one end to the other: what is written is read back, what is wrong is named. */
import test from 'ava';
import fc from 'fast-check';
import {
  MEMBERS,
  readArchive,
  writeArchive,
  type Members,
} from '../../../conformance/bundle/archive.ts';
import { replayCommand, type Bundle } from '../../../conformance/bundle/bundle.ts';
import { perform } from '../../../conformance/bundle/perform.ts';
import { readMembers } from '../../../conformance/bundle/schema.ts';
import {
  judge,
  type RecordedStimulus,
  type Sequence,
} from '../../../conformance/bundle/sequence.ts';
import { recurs } from '../../../conformance/bundle/shrink.ts';
import { runs } from '../../runs.ts';
import { SPLICE } from '../bed.ts';
import {
  added,
  benchWith,
  bundleWith,
  flipped,
  isTcp,
  judgedSegment,
  operationsWith,
  richSegments,
  sequenceOn,
  verdictWith,
} from './bed.ts';

async function badSequence(): Promise<Sequence> {
  const bench = await benchWith((left) =>
    left.map((each) => (isTcp(each) ? flipped(each, 51) : each)),
  );
  return sequenceOn(bench, operationsWith(richSegments(3)));
}

function membersOf(octets: Uint8Array): Members {
  const members = readArchive(octets);
  if (!members.ok) throw new Error(members.error);
  return members.value;
}

function read(octets: Uint8Array): Bundle {
  const bundle = readMembers(membersOf(octets));
  if (!bundle.ok) throw new Error(bundle.error);
  return bundle.value;
}

test('a bundle says again what was written, frame by frame', async (t) => {
  const sequence = await badSequence();
  const verdict = verdictWith({ target: { name: 'a.yaml', text: 'driver: stdio' } });
  const bundle = read(bundleWith(sequence, verdict));
  t.deepEqual(bundle.verdict, verdict);
  t.deepEqual(bundle.original.operations, sequence.operations);
  t.deepEqual(bundle.shrunk.judgement, { kind: 'delivery', scope: 'musts' });
  t.is(bundle.original.findings.length, sequence.findings.length);
});

test('what is read back fails and passes as before', async (t) => {
  const { shrunk, verdict } = read(bundleWith(await badSequence()));
  const bad = await benchWith((left) =>
    left.map((each) => (isTcp(each) ? flipped(each, 51) : each)),
  );
  const again = { ...shrunk, operations: await perform(shrunk.operations, bad) };
  t.true(recurs(judge(again, bad.hello) ?? [], verdict.fingerprint));
  const good = await benchWith((left) => left);
  const well = { ...shrunk, operations: await perform(shrunk.operations, good) };
  t.deepEqual(judge(well, good.hello), []);
});

test('every operation, expectation and judgement can be written and read', async (t) => {
  const alternatives: RecordedStimulus = {
    ...judgedSegment({}),
    alternatives: [{ kind: 'nothing' }],
    unchangedAt: ['controller'],
    mayDrop: true,
  };
  const { virtual, client } = SPLICE;
  const bench = await benchWith((left) => left);
  const sequence = await sequenceOn(
    bench,
    [
      ...operationsWith([alternatives]),
      { kind: 'advance', seconds: 1.5 },
      {
        kind: 'command',
        command: {
          op: 'chown',
          key: { client, virtual },
          owner: SPLICE.owner,
          deltas: SPLICE.deltas,
          unlock: true,
          epoch: 9,
        },
        reply: { ok: false, error: 'x', detail: 'y' },
      },
      {
        kind: 'command',
        command: { op: 'delete', key: { client, virtual }, epoch: 10 },
        reply: { ok: true },
      },
    ],
    { kind: 'delivery', scope: ['sack', 'ttl'] },
  );
  for (const kind of ['delivery', 'unchanged', 'untouched', 'recorded'] as const) {
    const judgement = kind === 'delivery' ? sequence.judgement : { kind };
    const { original } = read(bundleWith({ ...sequence, judgement }));
    t.deepEqual(original.operations, sequence.operations);
    t.deepEqual(original.judgement, judgement);
  }
});

test('what only its step can judge is recorded, not judged, elsewhere', async (t) => {
  const sequence = await badSequence();
  const stimuli = richSegments(1).map((each): RecordedStimulus =>
    each.expectation.kind === 'frame'
      ? { ...each, expectation: { ...each.expectation, compare: () => [] } }
      : each,
  );
  const operations = operationsWith(stimuli);
  t.is(read(bundleWith({ ...sequence, operations })).shrunk.judgement.kind, 'recorded');
});

test('a sequence too long for a bundle is cut, says so, and is not judged', async (t) => {
  const sequence = await badSequence();
  const frame = judgedSegment({ payload: new Uint8Array(1400) });
  const operations = operationsWith(Array.from({ length: 3000 }, () => frame));
  const octets = bundleWith({ ...sequence, operations });
  const { original } = read(octets);
  t.false(original.complete);
  t.is(original.judgement.kind, 'recorded');
  t.deepEqual(original.operations[2], added(SPLICE));
  const unpacked = MEMBERS.reduce((sum, name) => sum + membersOf(octets)[name].length, 0);
  t.true(unpacked < 32 << 20, `${unpacked} octets`);
});

test('the command for a replay names a target that is a file', (t) => {
  t.is(replayCommand('a.prismbug', { name: 'reference' }), 'prismspec replay a.prismbug');
  const file = { name: 'x/box.yaml', text: '' };
  t.is(replayCommand('a.prismbug', file), 'prismspec replay a.prismbug --target x/box.yaml');
});

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The members with the value at `path` of one of them replaced. */
function membersWith(
  members: Members,
  name: 'verdict.json' | 'shrunk.json',
  path: readonly (string | number)[],
  value: Json | undefined,
): Members {
  const whole: unknown = JSON.parse(new TextDecoder().decode(members[name]));
  let node: Record<string | number, unknown> = Object(whole);
  for (const step of path.slice(0, -1)) node = Object(node[step]);
  node[path.at(-1) ?? ''] = value;
  return { ...members, [name]: new TextEncoder().encode(JSON.stringify(whole)) };
}

const STIMULUS = ['operations', 3, 'stimuli', 0] as const;
const RULE = ['operations', 2, 'command', 'rule'] as const;

for (const [name, path, value, told] of [
  ['verdict.json', ['format'], 'prismbug/2', 'format: '],
  ['verdict.json', ['seed'], '1', 'seed: '],
  ['verdict.json', ['effort'], 1e9, 'effort: '],
  [
    'verdict.json',
    ['fingerprint', 'requirement'],
    'SEQ',
    'fingerprint.requirement: expected an id',
  ],
  ['verdict.json', ['hello'], null, 'hello: '],
  ['verdict.json', ['scenario', 'name'], 'x'.repeat(2000), 'scenario.name: '],
  ['shrunk.json', ['operations'], {}, 'operations: expected a list'],
  ['shrunk.json', ['operations', 0], null, 'operations.0: '],
  ['shrunk.json', [...STIMULUS, 'frame'], 'A===', 'operations.3.stimuli.0.frame: expected base64'],
  ['shrunk.json', [...STIMULUS, 'frame'], 'A'.repeat(200_000), 'operations.3.stimuli.0.frame: '],
  ['shrunk.json', [...STIMULUS, 'role'], 'attic', 'operations.3.stimuli.0.role: '],
  [
    'shrunk.json',
    [...RULE, 'client', 'address'],
    '010.1.1.1',
    'operations.2.command.rule.client.address: expected an IPv4',
  ],
  [
    'shrunk.json',
    [...RULE, 'owner', 'mac'],
    'zz',
    'operations.2.command.rule.owner.mac: expected a MAC',
  ],
  [
    'shrunk.json',
    [...RULE, 'deltas', 'clientSeq'],
    -1,
    'operations.2.command.rule.deltas.clientSeq: ',
  ],
  ['shrunk.json', ['judgement', 'scope'], ['smell'], 'judgement.scope'],
  ['shrunk.json', ['surplus'], 1, 'Unrecognized key'],
] as const) {
  test(`${name} with a wrong ${path.join('.')} is refused by its path: ${JSON.stringify(value).slice(0, 12)}`, async (t) => {
    const members = membersOf(bundleWith(await badSequence()));
    const bundle = readMembers(membersWith(members, name, path, JSON.parse(JSON.stringify(value))));
    t.false(bundle.ok);
    const complaint = bundle.ok ? '' : bundle.error;
    t.true(complaint.startsWith(`${name}: ${told}`), complaint);
    t.true(complaint.length <= 300);
  });
}

for (const [what, content] of [
  ['no JSON', '{'],
  ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
  ['deep nesting', '['.repeat(1_000_000)],
  ['a long list of nothing', `{"operations":[${'0,'.repeat(1_000_000)}0]}`],
  ['more than is read', new Uint8Array((16 << 20) + 1)],
] as const) {
  test(`${what} in a member is refused in one line`, async (t) => {
    const members = membersOf(bundleWith(await badSequence()));
    const octets = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const bundle = readMembers({ ...members, 'shrunk.json': octets });
    t.false(bundle.ok);
    t.regex(bundle.ok ? '' : bundle.error, /^shrunk\.json: .{1,290}$/u);
  });
}

test('whatever is changed in the JSON, a bundle is read or refused', async (t) => {
  const members = membersOf(bundleWith(await badSequence()));
  const good = members['shrunk.json'];
  const letter = fc.constantFrom(
    ...Array.from('0-9"[]{},:nulltruefalse\\', (each) => each.charCodeAt(0)),
  );
  const changes = fc.array(fc.tuple(fc.nat(good.length - 1), letter), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(changes, (all) => {
      const octets = good.slice();
      for (const [at, octet] of all) octets[at] = octet;
      const bundle = readMembers({ ...members, 'shrunk.json': octets });
      if (bundle.ok) t.true(bundle.value.shrunk.operations.length <= 5);
      else t.regex(bundle.error, /^shrunk\.json: /u);
    }),
    runs(300),
  );
  t.pass();
});

test('an archive with strange members is never taken for a bundle', (t) => {
  const empty = new Uint8Array(0);
  const members = membersOf(
    writeArchive({
      'verdict.json': empty,
      'original.json': empty,
      'shrunk.json': empty,
      'original.pcapng': empty,
      'shrunk.pcapng': empty,
    }),
  );
  t.like(readMembers(members), { ok: false });
});
