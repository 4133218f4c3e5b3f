/** What an audit did not check, and says so: a closed list, each with the words for it. */
export const NOT_CHECKED = {
  /** Nothing says who signed the head. */
  no_log_key: true,
  /** The key is the log's own word. */
  own_key: false,
  quorum_missing: true,
  no_witnesses: false,
  no_earlier_head: false,
  earlier_head: true,
  other_server: false,
  tree: true,
  sealed: false,
  withheld: false,
  unread: true,
  unsupported: true,
  unseen_approvals: false,
  duplicates: true,
  consumptions: true,
  trust_roots: true,
  trust_versions: true,
  unlogged_versions: false,
  no_trust_root: false,
  no_policy: false,
  intents: false,
  /** Judged by the log's own time. */
  revocations: false,
  others: false,
  times: false,
  after: false,
  earlier_entries: false,
  people: false,
} as const satisfies Record<string, boolean>;

export type NotCheckedCode = keyof typeof NOT_CHECKED;

export type NotChecked = {
  readonly code: NotCheckedCode;
  readonly detail: string;
  /** Of entries, where it is about some. */
  readonly count?: number;
  /** Whether it could have been checked, and makes the audit incomplete. */
  readonly incomplete: boolean;
};

export function notChecked(code: NotCheckedCode, detail: string, count?: number): NotChecked {
  return { code, detail, ...(count !== undefined && { count }), incomplete: NOT_CHECKED[code] };
}
