/** `switch-main.ts PLAN`: the switch, in whose namespace it is started. */
import { runProgram } from './main.ts';
import { startSwitch } from './switch.ts';

await runProgram('switch-main.ts PLAN', (plan) => startSwitch(plan));
