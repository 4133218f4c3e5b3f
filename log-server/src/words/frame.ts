/** What stands around every page. */
export const FRAME = {
  name: 'Assent',
  skip: 'Skip to the content',
  pages: 'Pages',
  log: 'Log',
  entries: 'Entries',
  verify: 'Verify',
  demo: 'Demo',
  foot: 'Assent, a transparency log for human approvals. This page loads nothing from anywhere else.',
  programs: 'For programs:',
  checkpoint: 'Signed checkpoint',
  description: 'Log description',
  interface: 'HTTP interface',
} as const;
