/** Waits for witnesses. */
export interface QuorumWaiter {
  /**
   * Resolves with true as soon as a checkpoint of at least `size` entries carries the cosignatures that the log's witness
   * policy asks for, and with false after `timeoutMs`.
   */
  waitFor(size: number, timeoutMs: number): Promise<boolean>;
}
