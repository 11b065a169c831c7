/** What the command writes: whole or not there, and a place that cannot be written is said. */
import {
  existsSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT } from '../verdict/exit-code.ts';
import { Complaint } from './complaint.ts';

function isFolder(path: string): boolean {
  // Asked first: for what would be below a file, statSync throws.
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * Makes the folder `path` and those above it; `onMade` is told each.
 *
 * One by one: Node's own recursive mkdir does not end where the system says ENOENT under a folder
 * that is there, as it does for `/proc/x`.
 */
function makeFolders(path: string, onMade: (folder: string) => void): void {
  const above = dirname(path);
  if (isFolder(path)) return;
  if (above !== path) makeFolders(above, onMade);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another command may have made it meanwhile.
    if (isFolder(path)) return;
    throw error;
  }
  onMade(path);
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Whatever is in it is not this command's.
  }
}

/**
 * Calls `write`, for which there is the folder `folder` then.
 *
 * Complains with 64 when the system refuses either; the folders that were made are gone then.
 */
export function writeIn<T>(folder: string, write: () => T): T {
  const made: string[] = [];
  try {
    makeFolders(resolve(folder), (each) => made.unshift(each));
    return write();
  } catch (error) {
    for (const each of made) removeEmpty(each);
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const told = `nothing can be written to ${folder}: ${error.message}`;
    throw new Complaint(EXIT.usage, `${told}; choose another place`);
  }
}

function temporaryFor(path: string): string {
  return `${path}.${process.pid}.tmp`;
}

/** Writes a file under a temporary name beside `path` and renames it; else as `writeIn`. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = temporaryFor(path);
  writeIn(dirname(path), () => {
    try {
      writeFileSync(temporary, content);
      renameSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** Complains where `writeWhole` would, before work that takes minutes. */
export function tryPlace(path: string): void {
  if (isFolder(path)) {
    throw new Complaint(EXIT.usage, `${path} is a folder: choose another name for the file`);
  }
  const temporary = temporaryFor(path);
  writeIn(dirname(path), () => {
    writeFileSync(temporary, '');
    rmSync(temporary);
  });
}
