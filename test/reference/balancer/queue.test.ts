import test from 'ava';
import fc from 'fast-check';
import type { Queued } from '../../../reference/balancer/queue.ts';
import { createQueue, join, leave, membersOf } from '../../../reference/balancer/queue.ts';
import { runs } from '../../runs.ts';

interface Item extends Queued<Item> {
  readonly name: number;
}

test('a queue does what a list does, whoever joins and leaves it', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 80, size: 'max' }), (names) => {
      const queue = createQueue<Item>();
      const items = Array.from({ length: 10 }, (_, name): Item => ({
        name,
        earlier: undefined,
        later: undefined,
      }));
      let model: readonly Item[] = [];
      for (const name of names) {
        const item = items[name];
        if (item === undefined) continue;
        const isIn = model.includes(item);
        if (isIn) leave(queue, item);
        else join(queue, item);
        model = isIn ? model.filter((each) => each !== item) : [...model, item];
        t.deepEqual(
          Array.from(membersOf(queue), (each) => each.name),
          model.map((each) => each.name),
        );
        t.is(queue.size, model.length);
        t.is(queue.last, model.at(-1));
        t.is(queue.first?.earlier, undefined);
      }
    }),
    runs(200),
  );
});
