import type { CanonicalCode } from './code.ts';

/** What became of an update. P4Runtime 1.4 section 10. */
export type WriteStatus =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: Exclude<CanonicalCode, 'OK'>;
      readonly message: string;
    };
