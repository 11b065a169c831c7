/** The file of a bundle. */

/** The folder of the bundles, in the folder of a run's reports. */
export const BUNDLE_FOLDER = 'bugs';

/** What a bundle is named after. */
export interface NamedCase {
  readonly requirements: readonly string[];
  readonly uri: string;
  readonly line: number;
}

/** The folder of the captures of scenarios that passed. */
export const CAPTURE_FOLDER = 'captures';

/** `bugs/ID.FEATURE-LINE.prismbug`. */
export function bundleName(named: NamedCase): string {
  return `${BUNDLE_FOLDER}/${caseName(named)}.prismbug`;
}

/** `bugs/ID.FEATURE-LINE.pcapng`, or in `captures/` where nothing is wrong. */
export function captureName(named: NamedCase, hasPassed: boolean): string {
  return `${hasPassed ? CAPTURE_FOLDER : BUNDLE_FOLDER}/${caseName(named)}.pcapng`;
}

/** Rows of an outline differ by their line. */
function caseName({ requirements: [id = 'scenario'], uri, line }: NamedCase): string {
  const feature = uri.replace(/^.*\//u, '').replace(/\.feature$/u, '');
  return `${id}.${feature}-${line}`;
}
