/** Does a sequence once more, on the device of a session. */
import type { Device, Hello } from '../driver/device.ts';
import { atPorts, type Observer } from '../observe/observer.ts';
import type { Operation } from './sequence.ts';

/** A device that has introduced itself, and who watches it. */
export interface Bench {
  readonly device: Device;
  readonly hello: Hello;
  readonly observer: Observer;
}

async function again(operation: Operation, bench: Bench): Promise<Operation> {
  const { device, hello, observer } = bench;
  switch (operation.kind) {
    case 'reset':
      await device.reset();
      return operation;
    case 'command':
      return { ...operation, reply: await device.command(operation.command) };
    case 'inject':
      await device.inject(atPorts(hello, operation.stimuli));
      return operation;
    case 'advance':
      await device.advance(operation.seconds);
      return operation;
    default:
      return { kind: 'observe', observation: await observer.observe() };
  }
}

/**
 * Does `operations` in order and returns them with what came of them this time.
 *
 * Rejects with `DriverFault` when the device cannot be asked.
 */
export async function perform(
  operations: readonly Operation[],
  bench: Bench,
): Promise<readonly Operation[]> {
  const done: Operation[] = [];
  for (const operation of operations) done.push(await again(operation, bench));
  return done;
}
