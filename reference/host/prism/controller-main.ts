/**
 * `controller-main.ts PLAN`: the controller, in whose namespace it is started. SIGHUP: it reads its
 * plan again, and says `configured` with `ok` or what is wrong; SIGUSR2: it says its metrics.
 */
import { formatEndpointAddress } from '../socket-address.ts';
import { startController } from './controller.ts';
import { runProgram } from './main.ts';
import { readPlan } from './plan.ts';

/** Lines are written a few at a time: a hand-off does not wait for who reads them. */
const GATHER_MS = 5;
let gathered = '';

function say(line: object): void {
  if (gathered === '') setTimeout(write, GATHER_MS);
  gathered += `${JSON.stringify(line)}\n`;
}

function write(): void {
  process.stdout.write(gathered);
  gathered = '';
}

await runProgram('controller-main.ts PLAN', ({ file, virtual, config, checks, channels, seal }) => {
  const controller = startController({
    virtual,
    config,
    servers: new Map(config.backends.map(({ name, owner }) => [name, owner])),
    channels,
    seal,
    checks,
    onConfigured: (fault) => say({ configured: fault ?? 'ok' }),
    onNote: ({ client }, what) => {
      const end = `${formatEndpointAddress(client)}:${client.port}`;
      say({ at: performance.timeOrigin + performance.now(), client: end, what });
    },
  });
  // The plan has another policy: that alone is taken, and what has a fault is not.
  process.on('SIGHUP', () => {
    try {
      const plan = readPlan(file);
      controller.configure({ site: plan.config.site }, plan.checks);
    } catch (error) {
      say({ configured: String(error) });
    }
  });
  // Whoever wants to know how it goes.
  process.on('SIGUSR2', () => {
    const { steps, spliceSteps, ...metrics } = controller.metrics();
    const times = {
      steps: Object.fromEntries(steps),
      spliceSteps: Object.fromEntries(spliceSteps),
    };
    say({ metrics: { ...metrics, ...times } });
  });
  return controller;
});
