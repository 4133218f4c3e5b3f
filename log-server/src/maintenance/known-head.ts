/** A head that was signed, and who says so: the stored tree must contain it. */
export type KnownHead = {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** For people: where it comes from. */
  readonly source: string;
  readonly finding: 'guard_head' | 'checkpoint_head';
};
