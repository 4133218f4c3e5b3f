/**
 * Values that are there, or will be. Where the injected signature verification answers at once, everything that is built on it does too:
 * seven promises around one signature cost a tenth of verifying it.
 */
export type Soon<T> = T | Promise<T>;

/** Goes on with the value, at once if it is there. */
export function onceThere<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
