/** The file of a bundle. */

/** The folder of the bundles, in the folder of a run's reports. */
export const BUNDLE_FOLDER = 'bugs';

/** What a bundle is named after. */
export interface NamedCase {
  readonly requirements: readonly string[];
  readonly uri: string;
  readonly line: number;
}

/** `bugs/ID.FEATURE-LINE.prismbug`: rows of an outline differ by their line. */
export function bundleName({ requirements: [id = 'scenario'], uri, line }: NamedCase): string {
  const feature = uri.replace(/^.*\//u, '').replace(/\.feature$/u, '');
  return `${BUNDLE_FOLDER}/${id}.${feature}-${line}.prismbug`;
}
