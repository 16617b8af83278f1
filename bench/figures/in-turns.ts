/** Works on the keys key-0, key-1 and so on, with so many under way at once. */
export async function inTurns(
  keys: number,
  underWay: number,
  work: (key: string) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < keys; index = next++) await work(`key-${index}`);
  };
  await Promise.all(Array.from({ length: underWay }, worker));
}
