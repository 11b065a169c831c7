/** What a live Prism needs of the machine, and what to do where it is not there. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { whyNoDataPath } from '../../../reference/host/bpf/datapath.ts';
import { whyUnavailable } from '../../../reference/host/syscall.ts';

/** Something that is not there. */
export interface Lack {
  readonly told: string;
  readonly todo: string;
}

/** The programs that are started, by the Debian package that has them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  ethtool: 'ethtool',
  curl: 'curl',
};

/** Whether there is a program of this name on PATH. */
export function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a user who is not root may not do; the kernel is asked only by root. */
function kernelLack(): Lack | undefined {
  const unavailable = whyUnavailable();
  if (unavailable !== undefined) return { told: unavailable, todo: 'install it, on Linux' };
  if (process.getuid?.() !== 0) {
    return { told: 'network namespaces, BPF and TCP_REPAIR need root', todo: 'run it with sudo' };
  }
  const told = whyNoDataPath();
  if (told === undefined) return undefined;
  return { told, todo: 'use a kernel with BPF, 5.15 or later, and a container that allows it' };
}

/** All that is missing; empty where a story can be played. */
export function lacksOfLab(): readonly Lack[] {
  const kernel = kernelLack();
  const programs = Object.entries(PROGRAMS).flatMap(([program, packaged]): readonly Lack[] => {
    if (isOnPath(program)) return [];
    const todo = `install it: the Debian package is ${packaged}`;
    return [{ told: `the program ${program} is not there`, todo }];
  });
  return [...(kernel === undefined ? [] : [kernel]), ...programs];
}
