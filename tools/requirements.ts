/**
 * Writes docs/requirements.md from the catalogue.
 *
 *     node --import=./tools/register.mjs tools/requirements.ts           writes the file
 *     node --import=./tools/register.mjs tools/requirements.ts --check   exits 1 when it is stale
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CAPABILITIES, capabilityTexts } from '../conformance/catalogue/capability.ts';
import { groups } from '../conformance/catalogue/catalogue.ts';
import type {
  Requirement,
  RequirementGroup,
  Source,
} from '../conformance/catalogue/requirement.ts';
import { sourceNames } from '../conformance/catalogue/requirement.ts';

/** The file that the catalogue is printed to. */
export const requirementsFile: string = fileURLToPath(
  new URL('../docs/requirements.md', import.meta.url),
);

const INTRODUCTION = `The switch is judged on what is marked _switch_; a failure of a _system_
requirement may be the controller's or the backend's; _balancer_ is about a server switch, which
is judged alone; _performance_ is reported and never decides.
A requirement that needs a capability which the device does not declare is not-applicable.

So that a correct switch cannot fail, these are not held against it:`;

const MASKS: readonly string[] = [
  'the acknowledgment number and TSecr of a segment without ACK;',
  'the source MAC address, and the content of Ethernet padding;',
  'a TTL that is the same or, throughout a run, less by one (REW-14);',
  'a checksum of 0xFFFF for 0x0000, except in REW-06;',
  'flooding until MAC addresses are learned: the suite lets them be learned first;',
  'that packets of a locked rule are dropped, held or punted, as declared;',
  'that packets of an undeclared class are dropped; they must never be corrupted.',
];

/** The text of docs/requirements.md: one anchor per requirement, its id in lower case. */
export function requirementsPage(): string {
  return [
    '<!-- Written by tools/requirements.ts from conformance/catalogue. Do not edit. -->',
    '# Requirements of a Prism',
    INTRODUCTION,
    MASKS.map((mask) => `- ${mask}`).join('\n'),
    '## Groups',
    groups.map(groupLine).join('\n'),
    ...groups.flatMap(groupSection),
    '## Capabilities',
    CAPABILITIES.map((name) => `- **${name}**: ${capabilityTexts[name]}`).join('\n'),
    '## Sources',
    'An RFC is cited as number and section: RFC9293/3.4 is section 3.4 of RFC 9293.',
    Object.entries(sourceNames)
      .map(([name, text]) => `- **${name}**: ${text}`)
      .join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function groupLine({ id, title, requirements }: RequirementGroup): string {
  return `- [${id}](#${anchor(id)}): ${title.toLowerCase()}, ${requirements.length} requirements`;
}

function groupSection(group: RequirementGroup): readonly string[] {
  return [
    `## <a id="${anchor(group.id)}"></a>${group.id}: ${group.title}`,
    group.summary,
    ...group.requirements.map(requirementSection),
  ];
}

function requirementSection(requirement: Requirement): string {
  const { id, level, scope, text, needs, sources, observed, note } = requirement;
  return [
    `### <a id="${anchor(id)}"></a>${id}`,
    '',
    `**${level}**, ${scope}. ${text}`,
    '',
    `- Observed: ${observed}`,
    ...(needs.length === 0 ? [] : [`- Needs: ${needs.join(', ')}`]),
    `- Source: ${sources.map(sourceText).join('; ')}`,
    ...(note === undefined ? [] : [`- Note: ${note}`]),
  ].join('\n');
}

function sourceText({ ref, note }: Source): string {
  return note === undefined ? ref : `${ref} (${note})`;
}

function anchor(id: string): string {
  return id.toLowerCase();
}

/** Writes or checks the file; the result is the exit code. */
function main(args: readonly string[]): number {
  const page = requirementsPage();
  if (!args.includes('--check')) {
    const unfinished = `${requirementsFile}.new`;
    writeFileSync(unfinished, page);
    renameSync(unfinished, requirementsFile);
    return 0;
  }
  if (readRequirements() === page) return 0;
  console.error('docs/requirements.md is stale: run tools/requirements.ts');
  return 1;
}

/** What the file holds now; empty if there is none. */
function readRequirements(): string {
  try {
    return readFileSync(requirementsFile, 'utf8');
  } catch {
    return '';
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
