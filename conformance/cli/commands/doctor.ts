/** `prismspec doctor`: can this target be judged, whatever it is, and can this suite fail one? */
import { DriverFault, NotSupported } from '../../driver/device.ts';
import { kindOfTarget, lacksFor } from '../../drivers/target.ts';
import { bridgedRoles } from '../../observe/observer.ts';
import { closeOpened } from '../../run/opened.ts';
import { closeSession, type Session } from '../../run/session.ts';
import type { BalancerSession } from '../../run/balancer-session.ts';
import type { SystemSession } from '../../run/system-session.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import {
  BALANCER_CHECKS,
  visitBy,
  WAYS,
  type BalancerVisits,
  type TwoVisits,
} from '../doctor/balancer-checks.ts';
import { wrong, type Check, type Finding } from '../doctor/check.ts';
import { RULE_CHECKS } from '../doctor/rule-checks.ts';
import { SYSTEM_CHECKS, visit, type Visits } from '../doctor/system-checks.ts';
import { WIRE_CHECKS } from '../doctor/wire-checks.ts';
import { openAnyTarget, openTarget } from '../open.ts';
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

async function examineDevice(target: string): Promise<boolean> {
  const session = await openTarget(target, DOCTOR_SEED);
  try {
    return await examine(session);
  } finally {
    await closeSession();
  }
}

/** The part of a session that is looked at. */
type Patient = Pick<SystemSession, 'system' | 'hello'>;

async function visitsOf({ system, hello }: Patient): Promise<Visits> {
  const first = await system.play(visit('drop'));
  const second = await system.play(visit('drop'));
  return { hello, first, second, held: await system.play(visit('hold')) };
}

/** What came of starting the target; undefined, and it is said why, where it does not. */
async function started<T>(play: () => Promise<T>, todo: string): Promise<T | undefined> {
  try {
    return await play();
  } catch (error) {
    // Whatever it is, of parts that are processes or of the network below them: it does not start.
    const told = error instanceof Error ? error.message : String(error);
    say('starts, and plays a story', wrong(told, todo));
    return undefined;
  }
}

/** Tells what each look comes to; whether all is well. */
function tellAll<Seen>(
  checks: readonly { readonly name: string; readonly judge: (seen: Seen) => Finding }[],
  seen: Seen,
): boolean {
  const findings = checks.map(({ name, judge }) => ({ name, finding: judge(seen) }));
  for (const { name, finding } of findings) say(name, finding);
  return findings.every(({ finding }) => finding.kind !== 'wrong');
}

/** Examines a whole Prism by what comes of one request. */
export async function examineSystem(patient: Patient): Promise<boolean> {
  const { hello } = patient;
  const visits = await started(
    async () => visitsOf(patient),
    'make all parts start; see what they say',
  );
  if (visits === undefined) return false;
  say(`${hello.name} ${hello.version} of ${hello.vendor} starts, and plays a story`);
  say(`clock ${hello.clock}; an answer, FIN or RST within ${hello.bounds.answerMs} ms`);
  return tellAll(SYSTEM_CHECKS, visits);
}

/** The part of a session with a server switch that is looked at. */
type BalancerPatient = Pick<BalancerSession, 'balancer' | 'hello'>;

async function balancerVisitsOf({ balancer, hello }: BalancerPatient): Promise<BalancerVisits> {
  const visits: TwoVisits[] = [];
  for (const [mode, capability] of WAYS) {
    if (!hello.capabilities.includes(capability)) continue;
    const first = await balancer.play(visitBy(mode));
    visits.push({ mode, first, second: await balancer.play(visitBy(mode)) });
  }
  return { hello, visits };
}

/** Examines a server switch by what comes of one request, by each way that it claims. */
export async function examineBalancer(patient: BalancerPatient): Promise<boolean> {
  const { hello } = patient;
  const told = await started(
    async () => balancerVisitsOf(patient),
    'make it start, and take a setup; see what it says',
  );
  if (told === undefined) return false;
  const { visits } = told;
  if (visits.length === 0) {
    const ways = WAYS.map(([, capability]) => capability).join(', ');
    say('ways to servers', wrong('it claims none', `claim one of ${ways}`));
    return false;
  }
  say(`${hello.name} ${hello.version} of ${hello.vendor} starts, and plays a story`);
  const modes = visits.map(({ mode }) => mode).join(', ');
  say(`clock ${hello.clock}; ways to servers: ${modes}; claims ${hello.capabilities.join(' ')}`);
  return tellAll(BALANCER_CHECKS, told);
}

/** Examines a target that is told stories. */
async function examineTold(target: string): Promise<boolean> {
  const lacks = await lacksFor(target);
  for (const { told, todo } of lacks) say('this machine', wrong(told, todo));
  if (lacks.length > 0) return false;
  const session = await openAnyTarget(target, DOCTOR_SEED, 1);
  try {
    if ('system' in session) return await examineSystem(session);
    return 'balancer' in session && (await examineBalancer(session));
  } finally {
    await closeOpened();
  }
}

/** Examines the target; with `prove`, a broken device too. Exit 69 when anything is wrong. */
export async function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
  const { target } = options;
  const isDevice = kindOfTarget(target) === 'switch';
  const healthy = isDevice ? await examineDevice(target) : await examineTold(target);
  let proved = true;
  if (options.prove) {
    const { told, good } = await prove();
    const todo = 'the suite is broken: report this';
    say(told, good ? undefined : { kind: 'wrong', told: 'it passed', todo });
    proved = good;
  }
  return healthy && proved ? EXIT.conformant : EXIT.unreachable;
}
