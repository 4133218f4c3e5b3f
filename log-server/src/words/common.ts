/** Words that stand on several pages, whatever they are about. */

export const COPY = {
  copy: 'Copy',
  asJson: 'Copy the entry as JSON',
  copied: 'Copied',
  notCopied: 'Not copied',
  select: 'Select it',
  it: 'it',
  text: 'text',
  failed: 'It could not be copied.',
} as const;

export const PRINT = 'Print';
export const DOWNLOAD_RECEIPT = 'Download the receipt';

/** Of long words, and of those that may be read as other ones. */
export const TEXT = {
  showAll: (characters: string) => `Show all ${characters} characters`,
  showMore: 'Show more',
  left: 'characters left',
  cut: '… and ',
  cutCharacters: ' more characters',
  notLatin: 'not Latin letters: ',
  moreRows: ' more',
} as const;

export const TIMES = {
  utc: ' UTC',
  ago: ' ago',
  later: ' later',
  in: 'in ',
} as const;

/** Under a page on paper. */
export const PAPER = {
  entry: (index: number | string) => `entry ${index}`,
  code: (opens: string) => `QR code that opens ${opens}`,
  opens: (opens: string) => `Opens ${opens}`,
  nothing:
    'Paper proves nothing by itself, and may not have room for all. Keep the receipt file: it can be checked without this log, and years from now.',
} as const;

export const SERVER_ANSWERED = 'The server answered';
