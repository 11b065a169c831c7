/** The whole Prism that system scenarios speak to, as `session.ts` has it for a switch. */
import type { System, SystemHello } from '../driver/system.ts';
import type { Proof } from '../observe/observer.ts';
import { createOpened } from './opened.ts';
import type { StoryOptions } from './session.ts';

/** A Prism that has introduced itself, and what the run was asked to use. */
export interface SystemSession extends StoryOptions {
  readonly system: System;
  readonly hello: SystemHello;
  /** Always none: a story ends when all is still, and proves no absence besides. */
  takeProofs(): readonly Proof[];
}

const opened = createOpened<SystemSession>(({ system }) => system.close());

/** Asks `system` for its introduction and makes it the one that scenarios speak to. */
export async function openSystemSession(
  system: System,
  options: StoryOptions,
): Promise<SystemSession> {
  const hello = await system.hello();
  return opened.keep({ ...options, system, hello, takeProofs: () => [] });
}

/** The session in progress, if there is one. */
export function currentSystemSession(): SystemSession | undefined {
  return opened.current();
}

/** Ends the session and the Prism. */
export async function closeSystemSession(): Promise<void> {
  await opened.close();
}
