import { CommandFailure } from './failure.ts';

/**
 * Makes a document out of what stands on the command line. The verifier's builders throw TypeError or RangeError for what the caller
 * gave them; here that is the person at the terminal, to whom the words go.
 */
export function fromFlags<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new CommandFailure('usage', error.message);
    throw error;
  }
}
