/** Checks of the way between suite and device: ports, order, proof, loss, size. */
import { NotSupported } from '../../driver/device.ts';
import { isUnchanged } from '../../observe/unchanged.ts';
import { pattern, segment } from '../../traffic/segment.ts';
import { HOSTS, type Host } from '../../traffic/testbed.ts';
import {
  GOOD,
  NOT_BRIDGED,
  pairs,
  pass,
  path,
  wrong,
  type Check,
  type Directed,
  type Finding,
  type Patient,
} from './check.ts';

/** Frames of a burst from one port to another; as many as a driver sends at a time. */
const BURST = 256;

/** A burst of numbered frames of many sizes from one host to another. */
function burst(from: Host, to: Host): readonly Directed[] {
  return Array.from({ length: BURST }, (_, seq) => {
    return { role: from.role, frame: segment(path(from, to), { seq, payload: pattern(seq % 64) }) };
  });
}

async function portsCheck({ hello }: Patient): Promise<Finding> {
  const needed = ['client0', 'controller', 'backend0'] as const;
  const missing = needed.filter((role) => hello.ports[role] === undefined);
  if (missing.length === 0) return GOOD;
  return wrong(`no port for ${missing.join(', ')}`, 'name them in ports, each with its number');
}

async function silenceCheck({ hello, observer }: Patient): Promise<Finding> {
  if (hello.barrier === 'none' && hello.profile.settleMs === undefined) {
    return wrong(
      'the device declares no barrier and no time: whatever is missing will be inconclusive',
      'declare barrier in-order or rpc, or profile.settleMs',
    );
  }
  await observer.observe();
  const { outputs } = await observer.observe();
  if (outputs.length === 0) return GOOD;
  const told = `${outputs.length} frames came out of an idle device`;
  return wrong(told, 'make its ports quiet: no spanning tree, discovery or neighbour frames');
}

async function echoCheck(patient: Patient): Promise<Finding> {
  const { hello, observer } = patient;
  if (!hello.capabilities.includes('BRIDGE')) return NOT_BRIDGED;
  await observer.observe();
  const [from, to] = [HOSTS.client, HOSTS['backend 1']];
  const frame = segment(path(from, to), { payload: pattern(100) });
  const outputs = await pass(patient, [{ role: from.role, frame }]);
  const [only] = outputs;
  if (outputs.length !== 1 || only?.role !== to.role) {
    const seen = outputs.map(({ role }) => role).join(', ') || 'nowhere';
    return wrong(`it came out at ${seen}`, 'compare the port numbers with the cables');
  }
  if (isUnchanged(frame, only.frame, hello)) return GOOD;
  return wrong('it came out changed', 'turn off what rewrites frames without a rule');
}

async function orderCheck(patient: Patient): Promise<Finding> {
  const { hello, observer } = patient;
  if (!hello.capabilities.includes('BRIDGE')) return NOT_BRIDGED;
  await observer.observe();
  for (const { from, to } of pairs(hello)) {
    const frames = burst(from, to);
    const outputs = await pass(patient, frames);
    const way = `from ${from.role} to ${to.role}`;
    if (outputs.length !== BURST) {
      const told = `${outputs.length} of ${BURST} frames came ${way}`;
      return wrong(
        told,
        'make queues longer, or declare a slower device by timeoutMs and settleMs',
      );
    }
    const at = frames.findIndex(({ frame }, index) => {
      const seen = outputs[index];
      return seen?.role !== to.role || !isUnchanged(frame, seen.frame, hello);
    });
    if (at >= 0) return wrong(`frame ${at} ${way} is not in its place`, 'use one queue a port');
  }
  return GOOD;
}

async function proofCheck(patient: Patient): Promise<Finding> {
  const { hello, observer } = patient;
  if (!hello.capabilities.includes('BRIDGE')) return NOT_BRIDGED;
  if (hello.barrier === 'none' && hello.profile.settleMs === undefined) {
    return { kind: 'not-applicable', told: 'the device declares no barrier and no time' };
  }
  await observer.observe();
  await pass(
    patient,
    pairs(hello).flatMap(({ from, to }) => burst(from, to)),
  );
  const { outputs, proof } = await observer.observe();
  if (outputs.length === 0) return GOOD;
  return wrong(
    `${outputs.length} frames came after the ${proof} that should have been the last`,
    hello.barrier === 'none'
      ? 'declare a longer profile.settleMs'
      : 'let what is sent last at a port come out last, or declare another barrier',
  );
}

async function lossCheck({ device }: Patient): Promise<Finding> {
  try {
    const lost = await device.captureLoss();
    if (lost === 0) return GOOD;
    const told = `${lost} frames were lost between device and suite`;
    return wrong(told, 'make capture buffers larger: every verdict would be inconclusive');
  } catch (error) {
    if (!(error instanceof NotSupported)) throw error;
    const told = 'the device counts no loss: what the capture loses would be called dropped';
    return { kind: 'not-applicable', told };
  }
}

async function mtuCheck(patient: Patient): Promise<Finding> {
  const { hello, observer } = patient;
  if (!hello.capabilities.includes('BRIDGE')) return NOT_BRIDGED;
  await observer.observe();
  const [from, to] = [HOSTS.client, HOSTS['backend 1']];
  // 20 octets of IPv4 header and 20 of TCP header.
  const frame = segment(path(from, to), { payload: pattern(hello.mtu - 40) });
  const [only] = await pass(patient, [{ role: from.role, frame }]);
  if (only !== undefined && isUnchanged(frame, only.frame, hello)) return GOOD;
  const told = `a packet of ${hello.mtu} octets ${only === undefined ? 'was lost' : 'was changed'}`;
  return wrong(told, 'declare the mtu that holds for every port, in octets of the IP packet');
}

/** The checks, each of which stands on those before it. */
export const WIRE_CHECKS: readonly Check[] = [
  { name: 'the ports of the test bed are there', perform: portsCheck },
  { name: 'an idle device is silent, and that can be proved', perform: silenceCheck },
  { name: 'a frame between two hosts arrives unchanged', perform: echoCheck },
  { name: `bursts of ${BURST} frames arrive whole, in order`, perform: orderCheck },
  { name: 'nothing comes after its proof', perform: proofCheck },
  { name: 'the capture has lost nothing', perform: lossCheck },
  { name: 'a packet as large as the MTU passes', perform: mtuCheck },
];
