/** The calls themselves: results, errors by name, memory, and what a machine without koffi says. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ipv4Address, ipv6Address } from 'scapy-ts';
import {
  bindSocket,
  closeDescriptor,
  connectSocket,
  endOf,
  getOption,
  openSocket,
  openSocketPair,
  poll,
  POLLIN,
  POLLOUT,
  send,
  setOption,
  SO_REUSEADDR,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from '../../reference/host/socket.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  emitSocketAddress,
} from '../../reference/host/socket-address.ts';
import { parseSocketAddress } from '../../reference/host/socket-address.ts';
import {
  bpf,
  mapMemory,
  retryOn,
  syscallAside,
  SyscallError,
} from '../../reference/host/syscall.ts';
import { isKernelOurs } from './bed.ts';

const folder = mkdtempSync(join(tmpdir(), 'prismspec-syscall-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const PAGE_OCTETS = 4096;

test('an address is written as the kernel lays it out, and read back', (t) => {
  const four = { address: ipv4Address('192.0.2.1'), port: 0x1234 };
  t.is(Buffer.from(emitSocketAddress(four)).toString('hex'), `02001234c0000201${'00'.repeat(8)}`);
  t.deepEqual(parseSocketAddress(Buffer.from(emitSocketAddress(four))), four);
  const six = { address: ipv6Address('2001:db8::aa'), port: 80 };
  t.is(
    Buffer.from(emitSocketAddress(six)).toString('hex'),
    `0a0000500000000020010db8${'00'.repeat(11)}aa00000000`,
  );
  t.deepEqual(parseSocketAddress(Buffer.from(emitSocketAddress(six))), six);
  const mapped = { address: ipv6Address('::ffff:192.0.2.1'), port: 0x1234 };
  t.deepEqual(parseSocketAddress(Buffer.from(emitSocketAddress(mapped))), four);
  t.is(parseSocketAddress(Buffer.alloc(28, 1)), undefined);
});

test('an error tells the call and the name of its number', (t) => {
  if (!isKernelOurs(t)) return;
  const error = t.throws(() => setOption(-1, SO_REUSEADDR, 1), { instanceOf: SyscallError });
  t.like(error, { call: 'SO_REUSEADDR', errno: 'EBADF', message: 'SO_REUSEADDR: EBADF' });
  const local = { address: ipv4Address('203.0.113.99'), port: 80 };
  const fd = openSocket(AF_INET, SOCK_STREAM);
  t.throws(() => bindSocket(fd, local), { message: 'bind: EADDRNOTAVAIL' });
  closeDescriptor(fd);
  t.throws(() => closeDescriptor(fd), { message: 'close: EBADF' });
});

test('options, addresses and polls answer what the kernel has', (t) => {
  if (!isKernelOurs(t)) return;
  const fd = openSocket(AF_INET6, SOCK_STREAM);
  t.is(getOption(fd, SO_REUSEADDR), 0);
  setOption(fd, SO_REUSEADDR, 1);
  t.is(getOption(fd, SO_REUSEADDR), 1);
  const local = { address: ipv6Address('::1'), port: 0 };
  bindSocket(fd, local);
  t.is(endOf(fd, 'getsockname')?.address, local.address);
  t.not(endOf(fd, 'getsockname')?.port, 0);
  t.throws(() => endOf(fd, 'getpeername'), { message: 'getpeername: ENOTCONN' });
  t.is(poll(fd, POLLIN, 0) & POLLIN, 0);
  t.is(poll(fd, POLLOUT, 0) & POLLOUT, POLLOUT);
  closeDescriptor(fd);
});

test('mapped memory is what it stands for', (t) => {
  if (!isKernelOurs(t)) return;
  const path = join(folder, 'mapped');
  writeFileSync(path, new Uint8Array(2 * PAGE_OCTETS));
  const fd = openSync(path, 'r+');
  const second = mapMemory(fd, PAGE_OCTETS, PAGE_OCTETS);
  t.is(second.octets.length, PAGE_OCTETS);
  second.octets.set([1, 2, 3], 7);
  const [before, after] = [readFileSync(path).subarray(0, PAGE_OCTETS), readFileSync(path)];
  t.true(before.every((octet) => octet === 0));
  t.deepEqual([...after.subarray(PAGE_OCTETS + 6, PAGE_OCTETS + 11)], [0, 1, 2, 3, 0]);
  second.unmap();
  closeDescriptor(fd);
  t.throws(() => mapMemory(fd, PAGE_OCTETS), { message: 'mmap: EBADF' });
});

test('bpf makes a map, and refuses a command that does not exist', (t) => {
  if (!isKernelOurs(t)) return;
  // BPF_MAP_CREATE: an array (2) with keys of 4 octets, values of 8, 16 entries.
  const attributes = new Uint8Array(new Uint32Array([2, 4, 8, 16, 0]).buffer);
  const fd = bpf(0, attributes);
  t.true(fd > 2);
  closeDescriptor(fd);
  t.throws(() => bpf(9999, attributes), { message: 'bpf 9999: EINVAL' });
});

test('where koffi is missing, the first call says what to do', (t) => {
  const hook = join(folder, 'without-koffi.cjs');
  writeFileSync(
    hook,
    `const { Module } = require('node:module');
     const resolve = Module._resolveFilename;
     Module._resolveFilename = function (name, ...rest) {
       if (name === 'koffi') throw new Error('not here');
       return resolve.call(this, name, ...rest);
     };`,
  );
  const socket = new URL('../../reference/host/socket.ts', import.meta.url).href;
  const register = fileURLToPath(new URL('../../tools/register.mjs', import.meta.url));
  const program = `import(${JSON.stringify(socket)}).then(({ openSocket }) => openSocket(2, 1))
    .catch(({ message }) => console.log(message));`;
  const words = ['--import', register, '--require', hook, '--input-type=module', '-e', program];
  const done = spawnSync(process.execPath, words, { encoding: 'utf8' });
  t.is(done.stdout, 'the package koffi is needed for system calls: npm install koffi\n');
});

test('what a signal has broken off is done again, a number of times', (t) => {
  const failing = (times: number, errno: string): (() => number) => {
    let left = times;
    return () => {
      left -= 1;
      if (left >= 0) throw new SyscallError('poll', errno);
      return 7;
    };
  };
  t.is(retryOn('EINTR', 3, failing(3, 'EINTR')), 7);
  t.throws(() => retryOn('EINTR', 3, failing(4, 'EINTR')), { message: 'poll: EINTR' });
  t.throws(() => retryOn('EINTR', 3, failing(1, 'EAGAIN')), { message: 'poll: EAGAIN' });
});

test('a connect that does not wait says that it is in progress', (t) => {
  if (!isKernelOurs(t)) return;
  const fd = openSocket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  t.teardown(() => closeDescriptor(fd));
  const nobody = { address: ipv4Address('127.0.0.1'), port: 1 };
  const error = t.throws(() => connectSocket(fd, nobody), { instanceOf: SyscallError });
  t.is(error?.errno, 'EINPROGRESS');
});

test('a call aside waits while this thread goes on', async (t) => {
  if (!isKernelOurs(t)) return;
  const [here, there] = openSocketPair(AF_UNIX, SOCK_STREAM);
  t.teardown(() => [here, there].forEach(closeDescriptor));
  const entry = Int32Array.of(here, POLLIN);
  t.is(await syscallAside('poll', [entry, 1, 1]), 0);
  const waiting = syscallAside('poll', [entry, 1, 20_000]);
  send(there, Uint8Array.of(1));
  t.is(await waiting, 1);
  t.is(await syscallAside('close', [-1]), -1);
});
