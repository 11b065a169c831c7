/** The program on a server of the test bed: it works, is sick, hangs, is gone. */
import test from 'ava';
import { CHECK_TARGET, type Served } from '../../../../conformance/driver/balancer.ts';
import {
  createProgram,
  type Program,
} from '../../../../conformance/drivers/virtual-bed/program.ts';

function requestFor(target: string): Uint8Array {
  return new TextEncoder().encode(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
}

/** The first lines of all that it says by a time. */
function said(program: Program, nowNs: number): readonly string[] {
  return program
    .say(nowNs)
    .map(({ octets }) => new TextDecoder().decode(octets).split('\r\n')[0] ?? '');
}

function begin(): { readonly program: Program; readonly served: readonly Served[] } {
  const served: Served[] = [];
  return { program: createProgram('s2', (each) => served.push(each)), served };
}

test('one that is sick fails its checks, and answers all else', (t) => {
  const { program, served } = begin();
  program.become('sick', 0);
  program.take('a', requestFor(CHECK_TARGET), 0);
  program.take('b', requestFor('/a/10'), 0);
  t.deepEqual(said(program, 1e9), ['HTTP/1.1 500 Unknown', 'HTTP/1.1 200 OK']);
  program.become('up', 1e9);
  program.take('a', requestFor(CHECK_TARGET), 1e9);
  t.deepEqual(said(program, 2e9), ['HTTP/1.1 200 OK']);
  t.deepEqual(
    served.map(({ server }) => server),
    ['s2', 's2', 's2'],
  );
});

test('one that hangs carries nothing out, says nothing, and goes on where it was', (t) => {
  const { program, served } = begin();
  program.take('a', requestFor('/a/10?think=50'), 0);
  program.become('hung', 1e6);
  program.take('b', requestFor('/a/10'), 2e6);
  t.is(program.nextAtNs(), undefined);
  t.deepEqual(said(program, 1e9), []);
  t.is(served.length, 1);
  program.become('up', 2e9);
  t.is(served.length, 2);
  t.is(said(program, 3e9).length, 2);
});

test('what was said to one that hangs by somebody who has gone is not read', (t) => {
  const { program, served } = begin();
  program.become('hung', 0);
  program.take('a', requestFor('/a/10'), 1);
  program.close('a');
  program.become('up', 2);
  t.is(served.length, 0);
});

test('one that is gone has forgotten what it was asked', (t) => {
  const { program } = begin();
  program.take('a', requestFor('/a/10?think=50'), 0);
  program.become('dead', 1e6);
  program.become('up', 2e6);
  t.deepEqual(said(program, 1e9), []);
});
