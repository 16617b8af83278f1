/**
 * Returns what does pieces of work a few in each turn of the event loop, in their order. Undici sends the next request of a connection at
 * the end of the turn in which the last reply was handed on. Replies that come together are followed by requests that are sent together,
 * and answered together: such crowds only grow. Each request of one waits for the whole crowd; in smaller groups they part.
 * @param most pieces in one turn
 * @param later calls a function in the next turn
 */
export function fewInTurn(
  most: number,
  later: (turn: () => void) => void = setImmediate,
): (work: () => void) => void {
  const waiting: (() => void)[] = [];
  let isDue = false;
  const turn = () => {
    try {
      for (let left = most; left > 0; left -= 1) waiting.shift()?.();
    } finally {
      isDue = waiting.length > 0;
      if (isDue) later(turn);
    }
  };
  return (work) => {
    waiting.push(work);
    if (isDue) return;
    isDue = true;
    later(turn);
  };
}
