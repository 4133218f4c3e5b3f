/** Whole receipts under given pins: receipt, gate. */
import type { BoundaryPins, Check, JsonObject, PinnedTrustRoot, VerifyOptions } from '@assent/verifier';
import { bytesOf, numberOf, type Operation, objectOf, textOf, textsOf, type Verifier } from './verifier.ts';

type Formats = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

export const receiptOperations: Formats = {
  receipt: {
    verify: async (v, input) => {
      const { verdict, checks } = await v.verifyReceipt(
        bytesOf(v, input, 'receipt'),
        pinsOf(v, objectOf(input, 'pins')),
      );
      return { ok: true, value: { verdict, checks: checks.map(checkToVector) } };
    },
  },
  gate: {
    authorize: async (v, input) => {
      const pins = pinsOf(v, objectOf(input, 'pins'));
      // The gate itself refuses what is not pinned; a vector pins it all.
      const decision = await v.authorize({
        receipt: bytesOf(v, input, 'receipt'),
        ...(pins as Required<VerifyOptions>),
      });
      const reason = decision.report.checks.find(({ status }) => status !== 'pass');
      return {
        ok: true,
        value: { authorized: decision.authorized, ...(reason && { because: checkToVector(reason) }) },
      };
    },
  },
};

function checkToVector({ id, status, code }: Check): unknown {
  return { id, status, ...(code !== undefined && { code }) };
}

/** Members with the meaning of {@link VerifyOptions}. */
function pinsOf(v: Verifier, pins: JsonObject): VerifyOptions {
  return {
    ...('log_keys' in pins && { logKeys: textsOf(pins, 'log_keys') }),
    ...('log_policy' in pins && { logPolicy: textOf(pins, 'log_policy') }),
    ...('trust_root' in pins && { trustRoot: trustRootOf(objectOf(pins, 'trust_root')) }),
    ...('intent' in pins && { intent: bytesOf(v, pins, 'intent') }),
    ...('approval_policy' in pins && { approvalPolicy: objectOf(pins, 'approval_policy') }),
    ...('at' in pins && { at: numberOf(pins, 'at') }),
    ...('schema' in pins && { schema: pins.schema === null ? null : textOf(pins, 'schema') }),
    // Judged by the verifier, which throws for one that is none.
    ...('boundary' in pins && { boundary: objectOf(pins, 'boundary') as BoundaryPins }),
  };
}

function trustRootOf(pinned: JsonObject): PinnedTrustRoot {
  const { versions } = pinned;
  return { rootId: textOf(pinned, 'root_id'), ...(Array.isArray(versions) && { versions }) };
}
