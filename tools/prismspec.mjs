#!/usr/bin/env node
import './register.mjs';

// A reader that has seen enough, as head(1), is no fault.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const { main } = await import('../conformance/cli/main.ts');
process.exitCode = await main(process.argv.slice(2));
