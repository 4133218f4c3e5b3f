import { FORGERIES } from '../../words/demo.ts';

/** Two forgeries of a receipt: the one that whoever pays would like, and the one that whoever keeps the log would. */
export type Forgery = {
  readonly receipt: string;
  readonly what: string;
  /** A date is shown as every page shows one. */
  readonly before: string | Date;
  readonly after: string | Date;
  /** Why it is found out. */
  readonly why: string;
};

const EARLIER_MS = 30_000;

type ReceiptParts = {
  entry: string;
  disclosures: { intent: { args: { amount: string } }; display: string };
};

/** Ten times as much: in the disclosed action and in the sentence about it. */
export function withMoreMoney(receipt: string): Forgery {
  const parts = JSON.parse(receipt) as ReceiptParts;
  const { intent, display } = parts.disclosures;
  const before = intent.args.amount;
  const after = before.replace('.', '0.');
  intent.args.amount = after;
  parts.disclosures.display = display.replace(before, after);
  return {
    receipt: JSON.stringify(parts),
    what: FORGERIES.amount,
    before: FORGERIES.money(before),
    after: FORGERIES.money(after),
    why: FORGERIES.amountWhy(before, after),
  };
}

/** The entry, logged half a minute earlier. Its signature still holds, for it does not cover the log's time. */
export function withEarlierTime(receipt: string): Forgery {
  const parts = JSON.parse(receipt) as ReceiptParts;
  const found = /"logged_at":([0-9]+)/.exec(parts.entry);
  if (found === null) throw new Error('the receipt has no time to change');
  const loggedAt = Number(found[1]);
  parts.entry = parts.entry.replace(found[0], `"logged_at":${loggedAt - EARLIER_MS}`);
  return {
    receipt: JSON.stringify(parts),
    what: FORGERIES.logged,
    before: new Date(loggedAt),
    after: new Date(loggedAt - EARLIER_MS),
    why: FORGERIES.loggedWhy,
  };
}
