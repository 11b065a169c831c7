/** `keeper-main.ts TIMELINE [RATE]`: a laboratory that stays up until this process is ended. */
import { keepLaboratory } from './keeper.ts';

const [timeline, rate] = process.argv.slice(2);
if (timeline === undefined) {
  process.stderr.write('usage: keeper-main.ts TIMELINE [RATE]\n');
  process.exitCode = 64;
} else {
  await keepLaboratory({ name: 'lab', timeline, rate });
  process.stdout.write('ready\n');
}
