/**
 * Reads in order, and begins so many before they are asked for. What was begun and is not taken any more is let go.
 *
 * @param ahead how many at once, at least one
 */
export async function* readAhead<T>(
  first: number,
  end: number,
  ahead: number,
  read: (index: number) => Promise<T>,
): AsyncGenerator<{ readonly index: number; readonly value: T }, void, undefined> {
  const begun: Promise<T>[] = [];
  let next = first;
  for (let index = first; index < end; index++) {
    for (; next < end && next < index + Math.max(1, ahead); next++) {
      const reading = read(next);
      // Its failure counts when its turn comes.
      reading.catch(() => undefined);
      begun.push(reading);
    }
    yield { index, value: await begun.shift()! };
  }
}
