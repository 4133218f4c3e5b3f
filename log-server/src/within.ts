/**
 * The answer, or `late()` after so many ms. What was asked goes on in the background, and what becomes of it is nobody's
 * concern any more.
 */
export function within<T>(ms: number, answer: Promise<T>, late: () => Error): Promise<T> {
  // By hand: with Promise.race and an async function each record of the log's busiest path would cost five more promises.
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
