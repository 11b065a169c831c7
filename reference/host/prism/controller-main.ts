/** `controller-main.ts PLAN`: the controller, in whose namespace it is started. */
import { formatEndpointAddress } from '../socket-address.ts';
import { startController } from './controller.ts';
import { runProgram } from './main.ts';

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

await runProgram('controller-main.ts PLAN', ({ virtual, config, channels, seal }) => {
  const controller = startController({
    virtual,
    config,
    servers: new Map(config.backends.map(({ name, owner }) => [name, owner])),
    channels,
    seal,
    onNote: ({ client }, what) => {
      const end = `${formatEndpointAddress(client)}:${client.port}`;
      say({ at: performance.timeOrigin + performance.now(), client: end, what });
    },
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
