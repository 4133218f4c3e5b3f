import type { Generated } from 'kysely';
import type { Visibility } from '../admission/append-rights.ts';
import type { WitnessSchema } from './witness-schema.ts';

/**
 * The tables as kysely sees them; `@assent/migrations` makes them, and its comments say what each is for.
 * A bigint column is a JavaScript number that is a safe integer (see `connect.ts`), except where noted.
 */
export interface Schema extends WitnessSchema {
  log: LogTable;
  heads: HeadsTable;
  blocks: BlocksTable;
  tiles: TilesTable;
  records: RecordsTable;
  sealed: SealedTable;
  api_keys: ApiKeysTable;
  barrier: BarrierTable;
  search_terms: SearchTermsTable;
  search_progress: SearchProgressTable;
  withheld: WithheldTable;
  log_changes: LogChangesTable;
}

export interface LogTable {
  /** Always 1. */
  id: number;
  origin: string;
  /** The log key: a raw Ed25519 public key, 32 bytes. */
  public_key: Uint8Array;
  guard_id: string | null;
  /** Milliseconds since the epoch. */
  created_at: number;
}

export interface HeadsTable {
  seq: number;
  size: number;
  root: Uint8Array;
  /** Milliseconds since the epoch. */
  ts: number;
}

export interface BlocksTable {
  /** Index of the block's first entry. */
  first: number;
  /** How many entries, 1 to 16. */
  count: number;
  /** 32 bytes for each. */
  leaf_hashes: Uint8Array;
  /** Raw deflate of the C2SP entry bundle of these entries. */
  data: Uint8Array;
}

export interface TilesTable {
  level: number;
  n: number;
  /** 256 hashes, 8,192 bytes. */
  hashes: Uint8Array;
}

export interface RecordsTable {
  idx: number;
  /** SHA-256 of the signed payload. */
  statement: Uint8Array;
  /** SHA-256(service ‖ 0x00 ‖ id). */
  identity: Uint8Array;
  /** First 8 bytes of the leaf hash, big-endian and signed: 64 bits, so for conditions and inserts, never selected. */
  leaf8: bigint;
  statement8: bigint;
  identity8: bigint;
  /** The id of the API key that appended it, read as a signed int4; null: the server itself, or before that was kept. */
  api_key: number | null;
}

/** Of each sealed entry whose content the log has checked; blind ones have no row. Private. */
export interface SealedTable {
  idx: number;
  /** What the entry shows, 32 bytes. */
  commitment: Uint8Array;
  commitment8: bigint;
  /** SHA-256(JCS(content)). */
  content: Uint8Array;
  /** Statement digest. */
  statement: Uint8Array;
  /** Null for evidence of another system, as are the next five. */
  service: string | null;
  id: string | null;
  decision: 'approved' | 'rejected' | 'expired' | null;
  /** Intent digest. */
  intent: Uint8Array | null;
  use: 'single' | 'multiple' | null;
  /** Milliseconds since the epoch. */
  expires_at: number | null;
  /** Keyids (`sha256:<hex>`) that may consume it; empty: nobody. */
  boundaries: string[];
}

export interface ApiKeysTable {
  id: string;
  /** SHA-256 of the whole key text. */
  hash: Uint8Array;
  name: string;
  /** The services whose statements it may append; `*` is every service. */
  services: string[];
  /** Keyids of boundaries, and root ids of trust roots: `sha256:<hex>`. */
  boundaries: Generated<string[]>;
  trust_roots: Generated<string[]>;
  blind: Generated<boolean>;
  foreign_payloads: Generated<boolean>;
  /** null: the log's. */
  default_visibility: Visibility | null;
  /** Records a second, and at once; both or neither. */
  rate: number | null;
  burst: number | null;
  /** Milliseconds since the epoch. */
  created_at: number;
  revoked_at: Generated<number | null>;
}

export interface BarrierTable {
  /** Always 1. */
  id: number;
  n: number;
}

export interface WithheldTable {
  idx: number;
  /** The operator's own words; never served. */
  reason: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** Whether the stored bytes were destroyed as well. */
  erased: Generated<boolean>;
}

export interface LogChangesTable {
  /** The head from which it holds. */
  seq: number;
  kind: 'rotate-start' | 'rotate-finish' | 'rotate-cancel' | 'close';
  /** That head's time, in milliseconds since the epoch. */
  at: number;
  /** Of `rotate-start`: the successor, a raw Ed25519 public key. */
  public_key: Uint8Array | null;
  /** Of `close`: where the log goes on. */
  successor: string | null;
  reason: string | null;
}

export interface SearchTermsTable {
  /** Entries from bundle · 256 on. */
  bundle: number;
  /**
   * First 8 bytes of SHA-256(name ‖ 0x00 ‖ value) each, big-endian and signed: for conditions and inserts, never selected. Where
   * it begins at 0, the elements 0 to 255 are the intents of the entries in these places.
   */
  terms: bigint[];
}

export interface SearchProgressTable {
  /** Always 1. */
  id: number;
  /** So many full bundles, from the first one on, have their terms in `search_terms`. */
  bundles: number;
}
