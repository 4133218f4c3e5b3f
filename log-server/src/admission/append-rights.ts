/** How much of an entry the public log shows. */
export const VISIBILITIES = ['open', 'revealed', 'sealed'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** What a caller may append, and how. Plain data, so that it can be handed to a thread. */
export type AppendRights = {
  /** The caller's API key, by its id, for the operator's private record; absent: the server itself appends (the demo). */
  readonly keyId?: string;
  /** The services whose statements it may append; `*` is every service. */
  readonly services: readonly string[];
  /** The boundaries, by keyid, whose consumptions it may append; `*` is every boundary. Absent: none. */
  readonly boundaries?: readonly string[];
  /** The trust roots, by root id, whose versions it may append; `*` is every trust root. Absent: none. */
  readonly trustRoots?: readonly string[];
  /** Whether it may append evidence of other systems, which names no service. Absent: no, unless it may append for every service. */
  readonly foreign?: boolean;
  /** Whether it may append blind commitments, of which the log sees only a hash. Absent: no. */
  readonly blind?: boolean;
  /** What a submission without `visibility` gets. Absent: the log's default. */
  readonly defaultVisibility?: Visibility;
};

/** Whether it may append statements of this service. */
export function mayAppend({ services }: AppendRights, service: string): boolean {
  return services.includes('*') || services.includes(service);
}

/** Whether it may append consumptions that this key signed. */
export function mayConsume({ boundaries = [] }: AppendRights, keyid: string): boolean {
  return boundaries.includes('*') || boundaries.includes(keyid);
}

/** Whether it may append versions of this trust root. */
export function mayAppendTrustRoot({ trustRoots = [] }: AppendRights, rootId: string): boolean {
  return trustRoots.includes('*') || trustRoots.includes(rootId);
}

/** Whether it may append evidence of other systems. */
export function mayAppendForeign({ services, foreign }: AppendRights): boolean {
  return foreign === true || services.includes('*');
}
