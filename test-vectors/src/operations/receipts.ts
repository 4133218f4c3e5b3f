/** Whole receipts under given pins: receipt, gate. */
import type {
  BoundaryPins,
  Check,
  ForeignFacts,
  JsonObject,
  PinnedTrustRoot,
  Result,
  VerifyOptions,
} from '@assent/verifier';
import {
  bytesOf,
  numberOf,
  type Operation,
  type Operations,
  objectOf,
  textOf,
  textsOf,
  type Verifier,
} from './verifier.ts';

export const receiptOperations: Operations = {
  receipt: { verify: verifyReceipt },
  profile: { verify: verifyReceipt },
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

async function verifyReceipt(...[v, input, primitives]: Parameters<Operation>): Promise<Result<unknown>> {
  const pins = { ...pinsOf(v, objectOf(input, 'pins')), primitives };
  const { verdict, checks, foreign } = await v.verifyReceipt(bytesOf(v, input, 'receipt'), pins);
  const value = { verdict, checks: checks.map(checkToVector), ...(foreign && { foreign: foreignToVector(foreign) }) };
  return { ok: true, value };
}

/** What another system's payload says; what it cannot prove is prose, and no vector's matter. */
function foreignToVector({ format, decision, id, who, action, method, when, until }: ForeignFacts): unknown {
  return JSON.parse(JSON.stringify({ format, decision, id, who, action, method, when, until }));
}

function checkToVector({ id, status, code }: Check): unknown {
  return { id, status, ...(code !== undefined && { code }) };
}

/** Members with the meaning of {@link VerifyOptions}. */
export function pinsOf(v: Verifier, pins: JsonObject): VerifyOptions {
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
