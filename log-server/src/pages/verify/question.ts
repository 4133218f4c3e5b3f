import { ASK } from '../../words/verify.ts';

/** What a visitor wants checked: a receipt as it is, or one that this page's own log is asked for. */
export type Question =
  | { readonly kind: 'receipt'; readonly receipt: string }
  | { readonly kind: 'lookup'; readonly id: string }
  | { readonly kind: 'link'; readonly fragment: string }
  | { readonly kind: 'unclear'; readonly advice: string };

const IDENTIFIER = '[A-Za-z0-9._:@+-]{1,128}';
const LOOKUPS = [/^(0|[1-9][0-9]{0,15})$/, /^sha256:[0-9a-f]{64}$/, new RegExp(`^${IDENTIFIER}/${IDENTIFIER}$`)];

/** @param ownOrigin the page's; a link to another log is not followed, because this page talks to its own alone. */
export function readQuestion(input: string, ownOrigin: string): Question {
  const text = input.trim();
  if (text === '') return { kind: 'unclear', advice: ASK.empty };
  if (text.startsWith('{') || text.startsWith('[') || text.startsWith('"')) return { kind: 'receipt', receipt: text };
  if (/^https?:\/\//.test(text)) return readLink(text, ownOrigin);
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: 'lookup', id: `sha256:${text}` };
  if (LOOKUPS.some((form) => form.test(text))) return { kind: 'lookup', id: text };
  return {
    kind: 'unclear',
    advice: ASK.unclear,
  };
}

function readLink(text: string, ownOrigin: string): Question {
  if (!URL.canParse(text)) return { kind: 'unclear', advice: ASK.badLink };
  const url = new URL(text);
  if (url.origin !== ownOrigin) {
    return {
      kind: 'unclear',
      advice: ASK.otherLog,
    };
  }
  if (url.hash !== '') return { kind: 'link', fragment: url.hash };
  const asked = url.searchParams;
  const id = asked.get('id') ?? asked.get('name') ?? /^\/api\/v1\/receipts\/(.+)$/.exec(url.pathname)?.[1];
  return id === undefined || !LOOKUPS.some((form) => form.test(id))
    ? { kind: 'unclear', advice: ASK.noEntry }
    : { kind: 'lookup', id };
}

/** Where the receipt is for an `id` that {@link readQuestion} has let through. In a path, . and .. would be resolved away. */
export function receiptPath(id: string): string {
  return `/api/v1/receipts?name=${encodeURIComponent(id)}`;
}
