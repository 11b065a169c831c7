/**
 * `backend-main.ts PLAN NAME [PATH]`: a backend, in whose namespace it is started.
 *
 * Its server is the demo server, or the process that listens at PATH.
 */
import { serveBackend } from './attach.ts';
import { createDemoServer } from './demo.ts';
import { runProgram } from './main.ts';
import { backendOf } from './plan.ts';
import { attachServerProcess } from './server-process.ts';

await runProgram('backend-main.ts PLAN NAME [PATH]', (plan, [name = '', path]) => {
  const options = backendOf(plan, name);
  if (path !== undefined) return attachServerProcess(path, options);
  const server = createDemoServer(name);
  return serveBackend(server, options);
});
