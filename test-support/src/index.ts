export {
  type ApprovalOptions,
  createApproval,
  createServiceKey,
  type TestApproval,
  type TestKey,
} from './approvals.ts';
export {
  type AssertOptions,
  createAuthenticator,
  type TestAuthenticator,
} from './authenticator.ts';
export { type ConsumptionOptions, createConsumption, type TestConsumption } from './consumptions.ts';
export { formatOffer, formatOfferOf, growTo, proofOf } from './offers.ts';
export { createTestDatabase, type TestDatabase, type TestPostgres } from './postgres.ts';
export { createTestLog, type TestEntry, type TestLog, type TestReceipt } from './receipts.ts';
export {
  createTrustVersion,
  keyApprover,
  passkeyApprover,
  signTrustRoot,
  type TestTrustVersion,
  type TrustVersionOptions,
  trustedBoundary,
  trustedService,
} from './trust-roots.ts';
export {
  appendLines,
  createTestWitness,
  type TestWitness,
  type TestWitnessOptions,
  withCheckpoint,
} from './witnesses.ts';
