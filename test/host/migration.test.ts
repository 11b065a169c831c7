/** A connection of this kernel goes from namespace to namespace, and its client does not notice. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import { ipv6Address } from 'scapy-ts';
import { closeExported, resumeExported } from '../../reference/host/export.ts';
import type { Lab } from '../../reference/host/lab.ts';
import { getOption, poll, POLLIN, SO_BUF_LOCK, SO_RCVBUF } from '../../reference/host/socket.ts';
import { seqAdd } from '../../reference/tcp/seq-num.ts';
import type { TcpSnapshot } from '../../reference/tcp/snapshot.ts';
import { runs } from '../runs.ts';
import type { Dial } from './bed.ts';
import { dial, hangUp, isKernelOurs, raiseBed, resetsSent, VIRTUAL } from './bed.ts';
import { exported, imported, migrate } from './migrate.ts';
import type { Talker } from './talker.ts';
import { read, readAll, settle, stretch, talker, write } from './talker.ts';

/** Every address of this host, IPv4 too. */
const ANY = ipv6Address('::');

let bed: Lab | undefined;
test.after.always(() => bed?.down());

function lab(): Lab {
  bed ??= raiseBed('migration');
  return bed;
}

interface Ends {
  readonly client: Talker;
  readonly owner: Talker;
}

/** Does `work` with a fresh connection, and closes both ends whatever comes of it. */
function withConnection(options: Dial, work: (ends: Ends) => void): void {
  const { client, owner } = dial(lab(), options);
  const ends = { client: talker('client', client), owner: talker('owner', owner) };
  try {
    work(ends);
  } finally {
    hangUp(ends.client.fd, ends.owner.fd);
  }
}

function readBoth(t: ExecutionContext, { client, owner }: Ends): void {
  readAll(t, owner, client);
  readAll(t, client, owner);
}

for (const family of [4, 6] as const) {
  test.serial(`octets pass both ways after a migration, IPv${family}`, (t) => {
    if (!isKernelOurs(t)) return;
    withConnection({ family }, (ends) => {
      for (const host of ['b', 'a', 'b', 'b']) {
        write(ends.client, 1000);
        write(ends.owner, 30_000);
        ends.owner.fd = migrate(t, lab(), host, ends.owner.fd);
        write(ends.client, 10);
        write(ends.owner, 20);
        readBoth(t, ends);
      }
    });
  });
}

test.serial('a connection that an IPv6 socket took from an IPv4 client migrates as IPv4', (t) => {
  if (!isKernelOurs(t)) return;
  const anywhere = { ...VIRTUAL[6], address: ANY };
  withConnection({ listen: anywhere }, (ends) => {
    const taken = exported(ends.owner.fd);
    t.deepEqual(taken.ends.local, VIRTUAL[4]);
    closeExported(taken);
    ends.owner.fd = imported(t, lab(), 'b', taken);
    write(ends.client, 100);
    write(ends.owner, 100);
    readBoth(t, ends);
  });
});

test.serial('1,000 requests are answered by two owners in turn', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    for (let request = 0; request < 1000; request += 1) {
      write(ends.client, 100);
      ends.owner.fd = migrate(t, lab(), request % 2 === 0 ? 'b' : 'a', ends.owner.fd);
      readAll(t, ends.owner, ends.client);
      write(ends.owner, 1000);
      readAll(t, ends.client, ends.owner);
    }
  });
});

const MOMENT = fc.oneof(
  fc.record({ act: fc.constantFrom('write', 'read'), who: fc.constantFrom('client', 'owner') }),
  fc.record({ act: fc.constant('migrate'), who: fc.constantFrom('a', 'b') }),
);
const STEP = fc.record({ moment: MOMENT, octets: fc.integer({ min: 1, max: 60_000 }) });

test.serial('PRISM-MIG-01 the streams are exact whenever the connection migrates', (t) => {
  if (!isKernelOurs(t)) return;
  const plan = fc.record({
    family: fc.constantFrom(4, 6),
    steps: fc.array(STEP, { minLength: 5, maxLength: 25 }),
  });
  const property = fc.property(plan, ({ family, steps }) => {
    // A small buffer of the client is full soon: octets stay unsent.
    withConnection({ family, options: [[SO_RCVBUF, 20_000]] }, (ends) => {
      for (const { moment, octets } of steps) {
        const { act, who } = moment;
        if (who === 'a' || who === 'b') {
          settle(ends.owner.fd, ends.client.fd);
          ends.owner.fd = migrate(t, lab(), who, ends.owner.fd);
        } else if (act === 'write') write(ends[who], octets);
        else read(t, ends[who], octets);
      }
      readBoth(t, ends);
    });
  });
  // To shrink would take the kernel's time-outs a hundred times.
  fc.assert(property, { ...runs(60), endOnFailure: true });
});

test.serial('500,000 unsent octets of a peer without window migrate, twice', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({ options: [[SO_RCVBUF, 10_000]] }, (ends) => {
    write(ends.owner, 100_000);
    const first = exported(ends.owner.fd);
    const missing = 500_000 - first.snapshot.unsent.length;
    t.true(missing > 0);
    // More than a socket takes by itself: what the application had in its own buffer.
    const more = new Uint8Array(500_000);
    more.set(first.snapshot.unsent);
    closeExported(first);
    more.set(
      stretch('owner', ends.owner.written, ends.owner.written + missing),
      first.snapshot.unsent.length,
    );
    ends.owner.written += missing;
    const snapshot = { ...first.snapshot, unsent: more };
    ends.owner.fd = imported(t, lab(), 'b', { ends: first.ends, snapshot });
    t.is(getOption(ends.owner.fd, SO_BUF_LOCK), 0);
    const second = exported(ends.owner.fd);
    t.true(second.snapshot.unsent.length > 450_000, `${second.snapshot.unsent.length} unsent`);
    closeExported(second);
    ends.owner.fd = imported(t, lab(), 'a', second);
    readAll(t, ends.client, ends.owner);
  });
});

/** The snapshot as if the last `octets` that the peer acknowledged had not been. */
function unacknowledge(octets: Uint8Array): (snapshot: TcpSnapshot) => TcpSnapshot {
  return (snapshot) => ({
    ...snapshot,
    sendUnacknowledged: seqAdd(snapshot.sendUnacknowledged, -octets.length),
    sent: Buffer.concat([octets, snapshot.sent]),
  });
}

test.serial('a probe tells at once which sent octets the peer has already', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    write(ends.owner, 20_000);
    readAll(t, ends.client, ends.owner);
    const lost = unacknowledge(stretch('owner', 0, 20_000));
    ends.owner.fd = migrate(t, lab(), 'b', ends.owner.fd, lost);
    const { snapshot } = exported(ends.owner.fd);
    t.is(snapshot.sent.length, 0);
    t.is(snapshot.unsent.length, 0);
  });
});

test.serial('PRISM-MIG-07 sent octets that never came are sent again', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    // As if 20,000 octets had left that the switch dropped, and then another 100 came.
    const taken = exported(ends.owner.fd);
    closeExported(taken);
    const snapshot = {
      ...taken.snapshot,
      sent: stretch('owner', 0, 20_000),
      unsent: stretch('owner', 20_000, 20_100),
    };
    ends.owner.written = 20_100;
    ends.owner.fd = imported(t, lab(), 'b', { ends: taken.ends, snapshot });
    readAll(t, ends.client, ends.owner);
  });
});

test.serial('a segment of which the peer has acknowledged a part keeps the other part', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    // One segment of 1,000 octets, and a client that has 400 of them.
    write(ends.owner, 400);
    readAll(t, ends.client, ends.owner);
    const before = exported(ends.owner.fd);
    closeExported(before);
    const snapshot = unacknowledge(stretch('owner', 0, 400))({
      ...before.snapshot,
      sent: stretch('owner', 400, 1000),
    });
    ends.owner.fd = imported(t, lab(), 'b', { ends: before.ends, snapshot });
    ends.owner.written = 1000;
    const after = exported(ends.owner.fd);
    t.is(after.snapshot.sendUnacknowledged, before.snapshot.sendUnacknowledged);
    t.deepEqual(Buffer.from(after.snapshot.sent), Buffer.from(stretch('owner', 400, 1000)));
    closeExported(after);
    ends.owner.fd = imported(t, lab(), 'a', after);
    readAll(t, ends.client, ends.owner);
  });
});

test.serial('PRISM-MIG-04 the old owner closes without a word, octets unread or not', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    write(ends.client, 1000);
    t.not(poll(ends.owner.fd, POLLIN, 1000), 0);
    const before = resetsSent(lab(), 'a');
    const taken = exported(ends.owner.fd);
    closeExported(taken);
    t.is(resetsSent(lab(), 'a'), before);
    ends.owner.fd = imported(t, lab(), 'b', taken);
    readBoth(t, ends);
  });
});

test.serial('an export that nobody wanted goes on where it was', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    write(ends.client, 1000);
    write(ends.owner, 1000);
    const taken = exported(ends.owner.fd);
    write(ends.client, 500);
    resumeExported(taken);
    write(ends.owner, 500);
    readBoth(t, ends);
  });
});

test.serial('a new listener finds the port free while imported connections live', (t) => {
  if (!isKernelOurs(t)) return;
  withConnection({}, (ends) => {
    ends.owner.fd = migrate(t, lab(), 'a', ends.owner.fd);
    withConnection({}, (others) => {
      write(others.client, 10);
      readBoth(t, others);
    });
  });
});
