/** The P4 switches as the laboratory of a whole Prism takes them. */
import { fileURLToPath } from 'node:url';
import type { OwnSwitch } from '../../../reference/host/laboratory/site.ts';

/** `prism.p4` on the model, behind packet rings. */
export const P4_MODEL: OwnSwitch = {
  name: 'p4-model',
  main: fileURLToPath(new URL('model-main.ts', import.meta.url)),
  hasOffloads: true,
};

/** `prism.p4` on BMv2, which takes each frame as one on a wire. */
export const BMV2: OwnSwitch = {
  name: 'bmv2',
  main: fileURLToPath(new URL('bmv2-main.ts', import.meta.url)),
  hasOffloads: false,
};
