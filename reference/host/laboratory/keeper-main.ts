/** `keeper-main.ts OPTIONS`: a laboratory that stays up until this process is ended. */
import { keepLaboratory, type KeeperOptions } from './keeper.ts';

const [text] = process.argv.slice(2);
if (text === undefined) {
  process.stderr.write('usage: keeper-main.ts OPTIONS, as JSON\n');
  process.exitCode = 64;
} else {
  const options: KeeperOptions = JSON.parse(text);
  await keepLaboratory(options);
  process.stdout.write('ready\n');
}
