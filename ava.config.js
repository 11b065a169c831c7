export default {
  files: ['test/**/*.test.ts', 'reference/scapy-ts/test/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./tools/register.mjs'],
  workerThreads: false,
  timeout: '5m',
};
