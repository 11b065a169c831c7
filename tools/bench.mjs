#!/usr/bin/env node
/** Runs the named benchmarks, or all. */
import './register.mjs';
import { readdirSync } from 'node:fs';

const folder = new URL('../bench/', import.meta.url);
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : known;

for (const name of wanted) {
  if (!known.includes(name)) {
    console.error(`no benchmark called ${name}: expected ${known.join(', ')}`);
    process.exitCode = 64;
    break;
  }
  console.log(`\n== ${name}`);
  await import(new URL(`${name}.ts`, folder).href);
}
