/** What the client's wire shows of migrations, by the options that were negotiated. */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Tcp } from 'scapy-ts';
import { ipv4Address, TCP_FLAG } from 'scapy-ts';
import { closeExported, resumeExported } from '../../reference/host/export.ts';
import { importConnection, probePeer } from '../../reference/host/import.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { TCP_MAXSEG } from '../../reference/host/repair.ts';
import {
  closeDescriptor,
  getOption,
  poll,
  POLLIN,
  setOption,
  SO_BUF_LOCK,
} from '../../reference/host/socket.ts';
import { seqDistance, seqNum } from '../../reference/tcp/seq-num.ts';
import { dial, hangUp, KERNEL_MAX_MS, isKernelOurs, raiseBed, setTcp } from './bed.ts';
import { exported, imported, migrate } from './migrate.ts';
import type { Segment } from './tap.ts';
import { openTap, segments } from './tap.ts';
import { readAll, talker, write } from './talker.ts';

let bed: Lab | undefined;
test.after.always(() => bed?.down());

function lab(): Lab {
  bed ??= raiseBed('wire');
  return bed;
}

/** What both ends negotiate. */
interface Case {
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly scale: boolean;
  readonly family: 4 | 6;
}

const BOTH = [false, true] as const;
const CASES: readonly Case[] = BOTH.flatMap((timestamps) =>
  BOTH.flatMap((sack) =>
    BOTH.flatMap((scale) =>
      ([4, 6] as const).map((family) => ({ timestamps, sack, scale, family })),
    ),
  ),
);

const FOREIGN = ipv4Address('198.51.100.7');
const MSS = 536;
/** Octets that a timestamp option takes of each segment, padding included. RFC 7323 appendix A. */
const TIMESTAMPS_OCTETS = 12;
/** Windows without a scale that are smaller than this are shifted, or were forgotten. */
const LEAST_WINDOW = 20_000;

const SO_MAX_PACING_RATE = { level: 1, option: 47, name: 'SO_MAX_PACING_RATE' };

/** Nothing else of this thread comes between. */
function sleepMs(timeMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, timeMs);
}

function negotiate({ timestamps, sack, scale }: Case): void {
  setTcp(lab(), 'tcp_timestamps', Number(timestamps));
  setTcp(lab(), 'tcp_sack', Number(sack));
  setTcp(lab(), 'tcp_window_scaling', Number(scale));
}

/** The new owner's host would negotiate the opposite: only the snapshot counts. */
function oppose({ timestamps, sack, scale, family }: Case): void {
  negotiate({ timestamps: !timestamps, sack: !sack, scale: !scale, family });
}

function optionsOf(tcp: Tcp, kind: string): readonly Tcp['options'][number][] {
  return tcp.options.filter((option) => option.kind === kind);
}

function judge(t: ExecutionContext, found: readonly Segment[], shift: number, used: Case): void {
  const owned = found.filter(({ isFromOwner, tcp }) => isFromOwner && !(tcp.flags & TCP_FLAG.SYN));
  t.true(owned.length > 20, `${owned.length} segments of the owner`);
  const most = MSS - (used.timestamps ? TIMESTAMPS_OCTETS : 0);
  t.is(Math.max(...owned.map(({ payloadOctets }) => payloadOctets)), most);
  let [ack, edge, clock] = [owned[0]?.tcp.ack ?? 0, 0, 0];
  for (const [index, { tcp, hasGoodChecksums }] of owned.entries()) {
    t.true(hasGoodChecksums);
    t.false((tcp.flags & TCP_FLAG.RST) !== 0, 'a reset');
    t.true(seqDistance(seqNum(ack), seqNum(tcp.ack)) >= 0, 'PRISM-MIG-05 ACK went back');
    ack = tcp.ack;
    const window = tcp.window << shift;
    t.true(window >= LEAST_WINDOW, `window ${window}`);
    const right = (ack + window) >>> 0;
    const moved = index === 0 ? 0 : seqDistance(seqNum(edge), seqNum(right));
    t.true(moved >= 0, `PRISM-SEQ-14 the right edge moved by ${moved}`);
    edge = right;
    const [stamp] = optionsOf(tcp, 'timestamps');
    t.is(stamp !== undefined, used.timestamps);
    if (stamp?.kind === 'timestamps') {
      t.true(index === 0 || ((stamp.value - clock) | 0) >= 0, 'PRISM-SEQ-11 TSval went back');
      clock = stamp.value;
    }
    if (!used.sack) t.is(optionsOf(tcp, 'sack').length, 0);
  }
}

for (const used of CASES) {
  const { timestamps, sack, scale, family } = used;
  const words = Object.entries({ timestamps, sack, scale }).map(([name, on]) =>
    on ? name : `no ${name}`,
  );
  const name = `PRISM-MIG-08 PRISM-MIG-09 IPv${family}, ${words.join(', ')}, MSS ${MSS}`;
  test.serial(name, (t) => {
    if (!isKernelOurs(t)) return;
    negotiate(used);
    const tap = openTap(lab());
    const { client, owner } = dial(lab(), { family, options: [[TCP_MAXSEG, MSS]] });
    const ends = { client: talker('client', client), owner: talker('owner', owner) };
    oppose(used);
    let shift = 0;
    for (const host of ['b', 'a', 'b']) {
      write(ends.owner, 5000);
      readAll(t, ends.client, ends.owner);
      ends.owner.fd = migrate(t, lab(), host, ends.owner.fd, (snapshot) => {
        const { negotiated } = snapshot;
        t.is(negotiated.peerMss, MSS);
        t.is(negotiated.timestamps, timestamps);
        t.is(negotiated.sackPermitted, sack);
        t.is(negotiated.windowScale !== undefined, scale);
        shift = negotiated.windowScale?.own ?? 0;
        return snapshot;
      });
      write(ends.owner, 5000);
      write(ends.client, 3000);
      readAll(t, ends.owner, ends.client);
      readAll(t, ends.client, ends.owner);
    }
    hangUp(ends.client.fd, ends.owner.fd);
    judge(t, segments(tap), shift, used);
    closeDescriptor(tap);
  });
}

test.serial('what is imported is exported again as it was', (t) => {
  if (!isKernelOurs(t)) return;
  negotiate({ timestamps: true, sack: true, scale: true, family: 4 });
  const { client, owner } = dial(lab());
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  write(ends.client, 777);
  readAll(t, { ...ends.owner }, ends.client);
  const first = exported(owner);
  closeExported(first);
  const tap = openTap(lab());
  const result = lab().inside('b', () => importConnection(first.ends, first.snapshot));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  const second = exported(result.value);
  t.deepEqual(second.ends, first.ends);
  const elapsedMs = (second.snapshot.timestampNow - first.snapshot.timestampNow) | 0;
  t.true(elapsedMs >= 0 && elapsedMs < 1000, `${elapsedMs} ms`);
  t.deepEqual({ ...second.snapshot, timestampNow: 0 }, { ...first.snapshot, timestampNow: 0 });
  t.is(getOption(second.fd, SO_BUF_LOCK), 0);
  hangUp(client, second.fd);
  t.is(segments(tap).length, 0, 'an import says nothing');
  closeDescriptor(tap);
});

test.serial('nothing leaves after the snapshot that it does not know of', (t) => {
  if (!isKernelOurs(t)) return;
  const tap = openTap(lab());
  const { client, owner } = dial(lab());
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  // The kernel spreads the octets over 30 ms, by a timer of its own.
  setOption(owner, SO_MAX_PACING_RATE, 1_000_000);
  write(ends.owner, 30_000);
  const taken = exported(owner);
  const { sendUnacknowledged, sent, unsent } = taken.snapshot;
  t.true(unsent.length > 0);
  sleepMs(40);
  const ahead = segments(tap)
    .filter(({ isFromOwner, payloadOctets }) => isFromOwner && payloadOctets > 0)
    .map(({ tcp, payloadOctets }) =>
      seqDistance(sendUnacknowledged, seqNum(tcp.seq + payloadOctets)),
    );
  t.is(Math.max(0, ...ahead), sent.length);
  // Nor is it lost where the export is taken back.
  resumeExported(taken);
  readAll(t, ends.client, ends.owner);
  hangUp(client, owner);
  closeDescriptor(tap);
});

test.serial('an odd timestamp does not make the clock count microseconds', (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const taken = exported(owner);
  closeExported(taken);
  const odd = { ...taken.snapshot, timestampNow: (taken.snapshot.timestampNow | 1) >>> 0 };
  const fd = imported(t, lab(), 'b', { ends: taken.ends, snapshot: odd });
  sleepMs(100);
  const { snapshot } = exported(fd);
  const elapsedMs = (snapshot.timestampNow - odd.timestampNow) | 0;
  t.true(elapsedMs >= 100 && elapsedMs < 5000, `${elapsedMs} ticks in 100 ms`);
  hangUp(client, fd);
});

test.serial('a virtual address that the owner does not have is taken transparently', (t) => {
  if (!isKernelOurs(t)) return;
  const { client, owner } = dial(lab());
  const taken = exported(owner);
  closeExported(taken);
  const tap = openTap(lab());
  const local = { address: FOREIGN, port: 80 };
  const ends = { ...taken.ends, local };
  const refused = lab().inside('b', () => importConnection(ends, taken.snapshot));
  t.deepEqual(refused, {
    ok: false,
    error: { kind: 'syscall', call: 'bind', errno: 'EADDRNOTAVAIL' },
  });
  const result = lab().inside('b', () =>
    importConnection(ends, taken.snapshot, { isTransparent: true }),
  );
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  probePeer(result.value);
  t.not(poll(tap, POLLIN, KERNEL_MAX_MS), 0);
  t.true(segments(tap).some(({ isFromOwner, source }) => isFromOwner && source === FOREIGN));
  hangUp(client, result.value);
  closeDescriptor(tap);
});
