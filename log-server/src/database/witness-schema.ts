/** The tables of what witnesses have cosigned. */
export interface WitnessSchema {
  cosigned: CosignedTable;
  cosignatures: CosignaturesTable;
  witness_answers: WitnessAnswersTable;
  witness_turn: WitnessTurnTable;
  fork_evidence: ForkEvidenceTable;
}

export interface CosignedTable {
  seq: number;
  size: number;
  /** SHA-256, 32 bytes. */
  policy: Uint8Array;
  checkpoint: string;
  /** Milliseconds since the epoch. */
  reached_at: number;
}

export interface CosignaturesTable {
  size: number;
  /** Its vkey. */
  witness: string;
  line: string;
  /** Milliseconds since the epoch. */
  time: number;
}

export interface WitnessAnswersTable {
  /** Its vkey. */
  witness: string;
  size: number;
  /** Milliseconds since the epoch, by the clock of the witness. */
  time: number;
  /** The same, by ours. */
  arrived_at: number;
}

export interface WitnessTurnTable {
  /** Always 1. */
  id: number;
  holder: string;
  until: Date;
}

export interface ForkEvidenceTable {
  digest: Uint8Array;
  checkpoint: string;
  source: string;
  /** Milliseconds since the epoch. */
  found_at: number;
}
