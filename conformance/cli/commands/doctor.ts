/** `prismspec doctor`: can this device be judged, and can this suite fail one? */
import { DriverFault, NotSupported } from '../../driver/device.ts';
import { bridgedRoles } from '../../observe/observer.ts';
import { closeSession, type Session } from '../../run/session.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import type { Check, Finding } from '../doctor/check.ts';
import { RULE_CHECKS } from '../doctor/rule-checks.ts';
import { WIRE_CHECKS } from '../doctor/wire-checks.ts';
import { openTarget } from '../open.ts';
import { prove } from '../prove.ts';

/** Options of `doctor`. */
export interface DoctorOptions {
  readonly target: string;
  readonly prove: boolean;
}

const DOCTOR_SEED = 1;

const MARKS: Readonly<Record<Finding['kind'], string>> = {
  good: 'ok  ',
  wrong: 'FAIL',
  'not-applicable': 'n/a ',
};

function say(name: string, finding: Finding = { kind: 'good' }): void {
  const told = finding.kind === 'good' ? name : `${name}: ${finding.told}`;
  process.stdout.write(`  ${MARKS[finding.kind]} ${told}\n`);
  if (finding.kind === 'wrong') process.stdout.write(`         ${finding.todo}\n`);
}

/** What a check came to on a device that may not answer. */
async function look({ perform }: Check, session: Session): Promise<Finding> {
  try {
    await session.device.reset();
    return await perform(session);
  } catch (error) {
    if (error instanceof DriverFault) {
      return { kind: 'wrong', told: error.message, todo: 'make the device answer; see its log' };
    }
    if (error instanceof NotSupported) {
      return { kind: 'wrong', told: error.message, todo: 'implement it, or claim less' };
    }
    throw error;
  }
}

async function examine(session: Session): Promise<boolean> {
  const { hello } = session;
  say(`${hello.name} ${hello.version} of ${hello.vendor} answers`);
  say(`claims ${hello.capabilities.join(' ') || 'nothing'}; it refused a made-up capability`);
  const { settleMs } = hello.profile;
  const bound = settleMs === undefined ? '' : `, everything leaves within ${settleMs} ms`;
  const ports = bridgedRoles(hello).join(' ');
  say(`ports ${ports}; barrier ${hello.barrier}${bound}; clock ${hello.clock}`);
  let healthy = true;
  for (const check of [...WIRE_CHECKS, ...RULE_CHECKS]) {
    const finding = await look(check, session);
    healthy &&= finding.kind !== 'wrong';
    say(check.name, finding);
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
    const todo = 'the suite is broken: report this';
    say(told, good ? undefined : { kind: 'wrong', told: 'it passed', todo });
    proved = good;
  }
  return healthy && proved ? EXIT.conformant : EXIT.unreachable;
}
