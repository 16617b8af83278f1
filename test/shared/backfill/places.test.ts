import { expect, test } from 'vitest';
import { placesFor } from '../../../shared/backfill/places.ts';

/** Work of so many items, of which each is done when it is let go. */
function work(name: string, count: number, begun: string[]) {
  const open: (() => void)[] = [];
  let next = 0;
  const hasMore = () => next < count;
  return {
    hasMore,
    async worker() {
      while (hasMore()) {
        next += 1;
        begun.push(`${name}${next}`);
        await new Promise<void>((resolve) => open.push(resolve));
      }
    },
    letGo: () => open.shift()?.(),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('places go to the first work that has something to begin, and those it has no use for to the next', async () => {
  const begun: string[] = [];
  const places = placesFor(3);
  const a = work('a', 4, begun);
  const b = work('b', 9, begun);
  const ended: string[] = [];
  const all = [a, b].map((each, at) => places.workWith(each).then(() => ended.push('ab'[at] ?? '')));
  expect(begun).toEqual(['a1', 'a2', 'a3']);
  a.letGo();
  await settled();
  expect(begun).toEqual(['a1', 'a2', 'a3', 'a4']);
  a.letGo();
  await settled();
  expect(begun.slice(4)).toEqual(['b1']);
  expect(ended).toEqual([]);
  for (let count = 0; count < 12; count += 1) {
    a.letGo();
    b.letGo();
    await settled();
  }
  await Promise.all(all);
  expect(ended).toEqual(['a', 'b']);
  expect(begun).toHaveLength(13);
});

test('work that has nothing to begin takes no place', async () => {
  const places = placesFor(1);
  await places.workWith(work('none', 0, []));
  const begun: string[] = [];
  const one = work('a', 1, begun);
  const ended = places.workWith(one);
  expect(begun).toEqual(['a1']);
  one.letGo();
  await ended;
});
