/** `prismspec doctor`: can this device be judged, and can this suite fail one? */
import { compareFrames } from '../../observe/compare.ts';
import { atPorts, bridgedRoles } from '../../observe/observer.ts';
import { closeSession, type Session } from '../../run/session.ts';
import { pattern, segment } from '../../traffic/segment.ts';
import { HOSTS, type Host } from '../../traffic/testbed.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { openTarget } from '../open.ts';
import { prove } from '../prove.ts';

/** Options of `doctor`. */
export interface DoctorOptions {
  readonly target: string;
  readonly prove: boolean;
}

const DOCTOR_SEED = 1;

/** One check: what it is, and what is wrong, or undefined. */
interface Check {
  readonly name: string;
  readonly perform: (session: Session) => Promise<string | undefined>;
}

function say(good: boolean, line: string): void {
  process.stdout.write(`  ${good ? 'ok  ' : 'FAIL'} ${line}\n`);
}

function path(from: Host, to: Host) {
  return {
    sourceMac: from.mac,
    destinationMac: to.mac,
    source: { address: from.ipv4, port: 7 },
    destination: { address: to.ipv4, port: 7 },
  };
}

const CHECKS: readonly Check[] = [
  {
    name: 'the ports of the test bed are there',
    perform: async ({ hello }) => {
      const needed = ['client0', 'controller', 'backend0'] as const;
      const missing = needed.filter((role) => hello.ports[role] === undefined);
      return missing.length === 0 ? undefined : `no port for ${missing.join(', ')}`;
    },
  },
  {
    name: 'a barrier proves absence',
    perform: async ({ hello, observer, device }) => {
      if (hello.barrier === 'none')
        return 'the device declares no barrier: a missing frame is inconclusive';
      await device.reset();
      const { outputs } = await observer.observe();
      return outputs.length === 0
        ? undefined
        : `${outputs.length} frames came out of an idle device`;
    },
  },
  {
    name: 'a frame between two hosts arrives unchanged',
    perform: async ({ device, hello, observer }) => {
      if (!hello.capabilities.includes('BRIDGE')) return undefined;
      await device.reset();
      await observer.observe();
      const frame = segment(path(HOSTS.client, HOSTS['backend 1']), { payload: pattern(100) });
      await device.inject(atPorts(hello, [{ role: 'client0', frame }]));
      const { outputs } = await observer.observe();
      const [only] = outputs;
      const right = outputs.length === 1 && only?.role === 'backend0';
      const leeway = { ttl: hello.profile.ttl, bridged: true };
      const same = only !== undefined && compareFrames(frame, only.frame, leeway).length === 0;
      return right && same ? undefined : `saw ${outputs.length} frames instead of that one`;
    },
  },
  {
    name: 'frames of one flow keep their order',
    perform: async ({ device, hello, observer }) => {
      if (!hello.capabilities.includes('BRIDGE')) return undefined;
      const between = path(HOSTS.client, HOSTS['backend 1']);
      const frames = Array.from({ length: 256 }, (_, seq) => ({
        role: 'client0' as const,
        frame: segment(between, { seq, payload: pattern(seq % 64) }),
      }));
      await device.inject(atPorts(hello, frames));
      const { outputs } = await observer.observe();
      const leeway = { ttl: hello.profile.ttl, bridged: true };
      const kept = frames.every(({ frame }, index) => {
        const seen = outputs[index]?.frame;
        return seen !== undefined && compareFrames(frame, seen, leeway).length === 0;
      });
      return kept && outputs.length === frames.length ? undefined : 'frames were lost or reordered';
    },
  },
  {
    name: 'reset twice is reset once',
    perform: async ({ device, hello }) => {
      await device.reset();
      await device.reset();
      if (!hello.capabilities.includes('RULES')) return undefined;
      const { length } = await device.rules();
      return length === 0 ? undefined : `${length} rules after reset`;
    },
  },
];

async function examine(session: Session): Promise<boolean> {
  const { hello } = session;
  say(true, `${hello.name} ${hello.version} of ${hello.vendor} answers`);
  say(true, `claims ${hello.capabilities.join(' ') || 'nothing'}; it refused a made-up capability`);
  say(
    true,
    `ports ${bridgedRoles(hello).join(' ')}; barrier ${hello.barrier}; clock ${hello.clock}`,
  );
  let healthy = true;
  for (const { name, perform } of CHECKS) {
    const wrong = await perform(session);
    healthy &&= wrong === undefined;
    say(wrong === undefined, wrong === undefined ? name : `${name}: ${wrong}`);
  }
  return healthy;
}

/** Examines the target; with `prove`, a broken device too. Exit 69 when anything is wrong. */
export async function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
  const session = await openTarget(options.target, DOCTOR_SEED);
  let healthy: boolean;
  try {
    healthy = await examine(session);
  } finally {
    await closeSession();
  }
  let proved = true;
  if (options.prove) {
    const { told, good } = await prove();
    say(good, told);
    proved = good;
  }
  return healthy && proved ? EXIT.conformant : EXIT.unreachable;
}
