/**
 * What `check` prints: every requirement that the captures exercise, and what broke or stays open.
 */
import type { CheckResult } from '../check/check.ts';
import type { CheckFinding, Doubt, Judgement } from '../check/ledger.ts';
import { EXIT, type ExitCode } from '../verdict/exit-code.ts';
import { formatVerdict } from '../verdict/verdict.ts';
import { table, wrap, type Cell, type Palette } from './table.ts';

/** Findings of one requirement that are told in full. */
const MAX_TOLD = 3;

/** What each doubt means for the reader. */
const MEANING: Readonly<Record<Doubt, string>> = {
  offload:
    'frames were captured before a network card had finished them; turn offloads off on the ' +
    'hosts (ethtool -K DEV tx off gro off), or capture at the switch',
  'capture-loss': 'the capture lost packets: it says so, or octets are acknowledged that it lacks',
  truncated: 'packets or the file were cut short; capture whole packets (tcpdump -s 0)',
  'tags-stripped': 'VLAN tags are on one side only; some network cards remove them',
  unsettled: 'numbers changed, and too few packets follow to tell a new rule from a fault',
  'one-sided': 'needs a capture of the other side',
  'no-partner': 'a packet is missing on the other side; the capture may have lost it',
  'duplicated-capture': 'the capture shows packets twice, also those of the hosts',
};

const OUTCOME: Readonly<Partial<Record<ExitCode, string>>> = {
  [EXIT.conformant]: 'all that the captures exercise is kept',
  [EXIT.failure]: 'broken',
  [EXIT.undecided]: 'nothing is broken, but something stays open',
  [EXIT.nothingDecided]: 'the captures exercise nothing that can be judged',
};

function outcomeText({ verdict }: Judgement): string {
  if (verdict?.kind === 'pass') return 'kept';
  if (verdict?.kind === 'fail') return 'broken';
  return verdict === undefined ? 'not exercised' : formatVerdict(verdict);
}

function overview(judgements: readonly Judgement[], paint: Palette): readonly string[] {
  const head = ['', '', 'kept', 'broken', 'open'].map((text): Cell => {
    return { text, right: true, paint: paint.dim };
  });
  const number = (value: number, colour: Palette['red']): Cell => {
    return { text: String(value), right: true, paint: value === 0 ? paint.dim : colour };
  };
  const rows = judgements.map((each): readonly Cell[] => [
    { text: `  ${each.requirement.id}`, paint: paint.bold },
    { text: each.requirement.level },
    number(each.kept, paint.green),
    number(each.broken, paint.red),
    number(
      Object.values(each.doubts).reduce((sum, count) => sum + count, 0),
      paint.yellow,
    ),
  ]);
  return table([head, ...rows]);
}

/** `client 17, backend 23`: the frames of a finding by capture, as Wireshark counts. */
function frameText({ frames }: CheckFinding): string {
  return frames.map(({ capture, frame }) => `${capture} ${frame}`).join(', ');
}

function findingLines(finding: CheckFinding, paint: Palette): readonly string[] {
  const facts = [
    ['frames', frameText(finding)],
    ['expected', `${finding.field} ${finding.expected}`],
    ['observed', finding.observed],
  ] as const;
  return [
    `    ${finding.connection}`,
    ...facts.map(([name, text]) => `      ${paint.dim(name.padEnd(9))} ${text}`),
  ];
}

function explained(judgement: Judgement, paint: Palette): readonly string[] {
  const { requirement, verdict, findings, broken, doubts } = judgement;
  if (verdict === undefined || verdict.kind === 'pass') return [];
  const colour = verdict.kind === 'fail' ? paint.red : paint.yellow;
  const more = broken - Math.min(findings.length, MAX_TOLD);
  const reasons = Object.entries(doubts).flatMap(([reason, count]) =>
    wrap(`${reason}, ${count} times: ${reasonText(reason)}`, '    '),
  );
  return [
    '',
    `  ${paint.bold(requirement.id)} ${requirement.level} ${colour(outcomeText(judgement))}`,
    ...wrap(requirement.text, '    '),
    ...findings.slice(0, MAX_TOLD).flatMap((finding) => findingLines(finding, paint)),
    ...(more > 0 ? [`    and ${more} more`] : []),
    ...(verdict.kind === 'fail' ? [] : reasons),
    `      ${paint.dim('source   ')} docs/requirements.md#${requirement.id.toLowerCase()}`,
  ];
}

function reasonText(reason: string): string {
  return Object.entries(MEANING).find(([name]) => name === reason)?.[1] ?? '';
}

function captureLines(result: CheckResult): readonly string[] {
  return Object.entries(result.captures).map(([name, counts]) => {
    const { packets, readings, paired, alone } = counts;
    const { tcp, ...others } = readings;
    const left = Object.entries(others)
      .filter(([, count]) => count > 0)
      .map(([reading, count]) => `${count} ${reading}`);
    const sides = result.sides === 1 ? '' : `, ${paired} with a partner, ${alone} without`;
    const rest = left.length === 0 ? '' : `; beside them: ${left.join(', ')}`;
    return `  ${name}: ${packets} packets, ${tcp} TCP segments${sides}${rest}`;
  });
}

function notExercised(judgements: readonly Judgement[]): readonly string[] {
  const ids = judgements
    .filter(({ verdict }) => verdict === undefined)
    .map(({ requirement }) => requirement.id.replace('PRISM-', ''));
  return ids.length === 0 ? [] : ['', '  not exercised', ...wrap(ids.join(' '), '    ')];
}

/** All lines that `check` prints. */
export function checkReport(
  result: CheckResult,
  { exit, seconds }: { readonly exit: ExitCode; readonly seconds: number },
  paint: Palette,
): readonly string[] {
  const { judgements, offloading, clients } = result;
  const packets = Object.values(result.captures).reduce((sum, each) => sum + each.packets, 0);
  const rate = Math.round(packets / Math.max(seconds, 1e-3) / 1000);
  const colour = exit === EXIT.conformant ? paint.green : paint.red;
  return [
    ...overview(
      judgements.filter(({ verdict }) => verdict !== undefined),
      paint,
    ),
    ...judgements.flatMap((judgement) => explained(judgement, paint)),
    ...notExercised(judgements),
    '',
    ...captureLines(result),
    ...offloading.map(
      ({ capture, host, frames }) =>
        `  ${capture}: ${host} leaves checksums to its network card (${frames} frames)`,
    ),
    `  ${colour(OUTCOME[exit] ?? '')}: ${clients} client endpoints, ` +
      `${packets} packets in ${seconds.toFixed(1)} s (${rate} k/s)`,
  ];
}
