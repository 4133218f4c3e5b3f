import { createHash, randomBytes } from 'node:crypto';

/** What a fault test draws its choices from, so that a run that failed can be repeated with its seed. */
export type Random = {
  /** 0 ≤ x < 1. */
  next(): number;
  /** min ≤ n ≤ max. */
  integer(min: number, max: number): number;
};

export type RunParameters = { readonly seed: string; readonly rounds: number };

const DEFAULT_ROUNDS = 5;

/**
 * `ASSENT_SEED` (any text; else random) and `ASSENT_ROUNDS` (else 5). The seed fixes what the harness decides; when the
 * processes run is the kernel's business, so it repeats a plan and not a schedule.
 */
export function runParameters(environment: Readonly<Record<string, string | undefined>> = process.env): RunParameters {
  const seed = environment.ASSENT_SEED || randomBytes(6).toString('hex');
  const rounds = environment.ASSENT_ROUNDS ? Number(environment.ASSENT_ROUNDS) : DEFAULT_ROUNDS;
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new RangeError('ASSENT_ROUNDS: not a positive whole number');
  return { seed, rounds };
}

/** A stream of numbers from SHA-256(seed ‖ purpose ‖ counter): each purpose has its own, whatever the others draw. */
export function createRandom(seed: string, purpose: string): Random {
  let counter = 0;
  const next = (): number => {
    const digest = createHash('sha256').update(`${seed}\0${purpose}\0${counter++}`).digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
  return { next, integer: (min, max) => min + Math.floor(next() * (max - min + 1)) };
}
