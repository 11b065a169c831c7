/** `prismspec list` and `prismspec explain`: the catalogue, for people. */
import { capabilityTexts } from '../../catalogue/capability.ts';
import { requirementOf, requirements } from '../../catalogue/catalogue.ts';
import { palette, table, type Cell } from '../../report/table.ts';
import { readScenarios } from '../../run/plan.ts';
import { parseSelection } from '../../run/select.ts';
import { EXIT, type ExitCode } from '../../verdict/exit-code.ts';
import { Complaint } from '../complaint.ts';
import { readFeatures } from '../suite.ts';

/** Prints the requirements that `specs` select: id, level, how many scenarios, what they need. */
export function listCommand(specs: readonly string[]): ExitCode {
  const scenarios = readScenarios(readFeatures());
  const tags = scenarios.flatMap((scenario) => scenario.tags);
  const selection = parseSelection(specs, { requirements, tags });
  if (!selection.ok) throw new Complaint(EXIT.usage, selection.error);
  const paint = palette(process.stdout.isTTY && !process.env['NO_COLOR']);
  const rows = requirements.flatMap((requirement): readonly (readonly Cell[])[] => {
    const own = scenarios.filter((each) => each.requirements.includes(requirement.id));
    const ownTags = own.flatMap((each) => each.tags);
    if (!selection.value({ requirements: [requirement], tags: ownTags })) return [];
    const count = own.length > 0 ? String(own.length) : requirement.scope;
    return [
      [
        { text: requirement.id, paint: paint.bold },
        { text: requirement.level },
        { text: count, right: true, paint: paint.dim },
        { text: requirement.needs.join(' '), paint: paint.dim },
        { text: requirement.text },
      ],
    ];
  });
  if (rows.length === 0) throw new Complaint(EXIT.nothingDecided, 'no requirement is selected');
  process.stdout.write(`${table(rows).join('\n')}\n`);
  return EXIT.conformant;
}

/** Prints everything that is known of one requirement. */
export function explainCommand(id: string): ExitCode {
  const requirement = requirementOf(id.toUpperCase());
  if (requirement === undefined) {
    throw new Complaint(EXIT.usage, `unknown requirement: ${id}; prismspec list prints all`);
  }
  const scenarios = readScenarios(readFeatures()).filter((each) =>
    each.requirements.includes(requirement.id),
  );
  const sources = requirement.sources.map(({ ref, note }) =>
    note === undefined ? ref : `${ref} (${note})`,
  );
  const lines = [
    `${requirement.id}  ${requirement.level}`,
    `  ${requirement.text}`,
    `  sources    ${sources.join('; ')}`,
    ...requirement.needs.map((need) => `  needs      ${need}: ${capabilityTexts[need]}`),
    `  observed   ${requirement.observed}`,
    ...(requirement.note === undefined ? [] : [`  note       ${requirement.note}`]),
    ...(scenarios.length === 0
      ? [`  scenarios  none in this version (scope ${requirement.scope})`]
      : scenarios.map(({ uri, line, name }) => `  scenario   ${uri}:${line} ${name}`)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.conformant;
}
