/** What is decided, by whom it was asked for, and how it is stored: intent, statement, entry, sealed, consumption, approval-policy. */
import { bytesOf, mapped, type Operations, objectOf, textOf, unwrap } from './verifier.ts';

export const approvalOperations: Operations = {
  intent: {
    parse: (v, input) => mapped(v.parseIntent(bytesOf(v, input, 'intent')), (intent) => v.intentDigest(intent)),
    display_digest: (v, input) => ({
      ok: true,
      value: v.displayDigest(unwrap(v.parseIntent(bytesOf(v, input, 'intent'))), textOf(input, 'display')),
    }),
  },
  statement: {
    parse: (v, input) => {
      const payload = bytesOf(v, input, 'payload');
      return mapped(v.parseStatement(payload), () => v.statementDigest(payload));
    },
  },
  entry: {
    parse: (v, input) =>
      mapped(v.parseEntry(bytesOf(v, input, 'entry')), (entry) => ({
        kind: entry.kind,
        logged_at: entry.loggedAt,
        visibility: 'sealed' in entry ? 'sealed' : entry.reveal === undefined ? 'open' : 'revealed',
      })),
  },
  sealed: {
    check: (v, input) =>
      mapped(
        v.checkCommitment(textOf(input, 'sealed'), { content: objectOf(input, 'content'), salt: textOf(input, 'salt') })
          .result,
        () => 'opened',
      ),
  },
  consumption: {
    parse: (v, input) => mapped(v.parseConsumption(bytesOf(v, input, 'payload')), ({ boundary }) => ({ boundary })),
  },
  'approval-policy': {
    parse: (v, input) => mapped(v.parsePolicy(bytesOf(v, input, 'policy')), (policy) => v.policyDigest(policy)),
    classify: (v, input) => {
      const policy = unwrap(v.parsePolicy(objectOf(input, 'policy')));
      return v.classify(unwrap(v.parseIntent(objectOf(input, 'intent'))), policy);
    },
  },
};
