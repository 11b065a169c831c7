/**
 * A hub that speaks prism-dut/1, and what may be wrong with such a program.
 *
 *   stdio-device.mjs FAULT [FLAG-FILE]
 *
 * With a flag file the fault happens only while that does not exist: a device that is well after
 * it was started anew.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [fault = 'none', flag] = process.argv.slice(2);
const once = flag !== undefined && existsSync(flag);
const ports = { client0: 0, client1: 1, controller: 2, backend0: 3, backend1: 4 };
const HELLO = {
  protocol: 'prism-dut/1',
  name: 'hub',
  version: '1',
  ports,
  mtu: 1500,
  capabilities: ['BRIDGE'],
  barrier: 'in-order',
  clock: 'virtual',
};
const UNHURRIED = { barrier: 'none', clock: 'real' };
/** When the frames of a slow device leave; each has all its time. */
const SLOW_MS = 30;
let left = [];
let reset = 0;

/** Never returns, and never ends. */
function hang() {
  process.on('SIGTERM', () => undefined);
  setInterval(() => undefined, 1000);
  return new Promise(() => undefined);
}

/** Instead of the right answer, by the fault and the method that it is about. */
const FAULTS = {
  'hang-hello': { hello: hang },
  'hang-inject': { inject: hang },
  'hang-close': { close: hang },
  'die-inject': {
    inject: () => {
      console.error('line 1\nfatal: \u001b[31mno more memory\u001b[0m');
      process.exit(3);
    },
  },
  killed: { inject: () => process.kill(process.pid, 'SIGKILL') && hang() },
  garbage: { inject: () => 'booting...' },
  'no-utf8': { inject: () => Buffer.from([0xff, 0xfe, 0x0a]) },
  'wrong-id': { inject: (ask) => ({ jsonrpc: '2.0', id: ask.id + 1, result: {} }) },
  'text-id': { inject: (ask) => ({ jsonrpc: '2.0', id: String(ask.id), result: {} }) },
  'no-version': { inject: (ask) => ({ id: ask.id, result: {} }) },
  'no-result': { inject: (ask) => ({ jsonrpc: '2.0', id: ask.id }) },
  'no-code': { inject: (ask) => ({ jsonrpc: '2.0', id: ask.id, error: { message: 'no' } }) },
  'a-list': { inject: () => [] },
  twice: {
    inject: (ask) => {
      say({ jsonrpc: '2.0', id: ask.id, result: {} });
      return { jsonrpc: '2.0', id: ask.id, result: {} };
    },
  },
  refuses: {
    inject: (ask) => ({ jsonrpc: '2.0', id: ask.id, error: { code: -1, message: 'link is down' } }),
  },
  'no-newline': {
    inject: () => {
      const some = 'x'.repeat(1 << 20);
      const more = () => process.stdout.write(some, more);
      more();
      return new Promise(() => undefined);
    },
  },
  notifies: {
    inject: () => {
      const some = '{"jsonrpc":"2.0","method":"log","params":["all is well"]}\n'.repeat(1000);
      const more = () => process.stdout.write(some, more);
      more();
      return new Promise(() => undefined);
    },
  },
  shouts: {
    inject: () => {
      const some = `${'stderr '.repeat(100)}\n`.repeat(100);
      const more = () => process.stderr.write(some, more);
      more();
      return new Promise(() => undefined);
    },
  },
  'closes-stdout': {
    inject: () => {
      process.stdout.end();
      return hang();
    },
  },
  'other-version': { hello: (ask) => result(ask, { ...HELLO, protocol: 'prism-dut/2' }) },
  parrot: { hello: (ask) => result(ask, { ...HELLO, capabilities: ask.params.asks }) },
  'claims-more': { hello: (ask) => result(ask, { ...HELLO, capabilities: ['WINGS'] }) },
  slow: {
    hello: (ask) =>
      result(ask, { ...HELLO, ...UNHURRIED, capabilities: ['BRIDGE'], profile: { settleMs: 150 } }),
  },
  'slow-unsaid': {
    hello: (ask) => result(ask, { ...HELLO, ...UNHURRIED, capabilities: ['BRIDGE'] }),
  },
  'slow-in-order': { hello: (ask) => result(ask, { ...HELLO, clock: 'real' }) },
  moody: { hello: (ask) => result(ask, { ...HELLO, version: String(process.pid) }) },
};

function result(ask, value) {
  return { jsonrpc: '2.0', id: ask.id, result: value };
}

/** The port of a host of the test bed, by the last octet of its MAC address. */
const HOST_PORTS = { 0xc1: 0, 0xc2: 1, 0x0c: 2, 0xb1: 3, 0xb2: 4 };

function flood({ port, frame }) {
  for (const to of Object.values(ports)) if (to !== port) left.push({ port: to, frame });
}

/** A switch that knows every host, and takes its time. */
function forwardLater({ port, frame }) {
  const octets = Buffer.from(frame, 'base64');
  const to = HOST_PORTS[octets[5]];
  const leave = () => (to === undefined ? flood({ port, frame }) : left.push({ port: to, frame }));
  setTimeout(leave, SLOW_MS);
}

function inject({ frames }) {
  const octets = frames.reduce((sum, { frame }) => sum + Buffer.byteLength(frame, 'base64'), 0);
  if (frames.length > 256 || octets > 1 << 20) throw new Error('more than a request may carry');
  for (const each of frames) (fault.startsWith('slow') ? forwardLater : flood)(each);
  return {};
}

function collect() {
  const frames = left;
  left = [];
  return { frames };
}

const METHODS = {
  hello: ({ asks }) => ({ ...HELLO, capabilities: asks.filter((each) => each === 'BRIDGE') }),
  reset: () => ({ reset: (reset += 1) }),
  inject,
  collect,
  close: () => ({}),
};

function say(answer) {
  process.stdout.write(
    typeof answer === 'string' || answer instanceof Buffer ? answer : `${JSON.stringify(answer)}\n`,
  );
  if (typeof answer === 'string') process.stdout.write('\n');
}

if (fault === 'die-at-start') {
  console.error('cannot open the board');
  process.exit(1);
}
for await (const line of createInterface({ input: process.stdin })) {
  const ask = JSON.parse(line);
  const wrong = once ? undefined : FAULTS[fault]?.[ask.method];
  if (wrong !== undefined && flag !== undefined) writeFileSync(flag, '');
  const method = METHODS[ask.method];
  const unknown = { jsonrpc: '2.0', id: ask.id, error: { code: -32601, message: 'unknown' } };
  say(await (wrong?.(ask) ?? (method ? result(ask, method(ask.params)) : unknown)));
}
