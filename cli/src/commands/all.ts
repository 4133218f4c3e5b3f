/** Every command, in the order and under the headings of `assent --help`. To add one: its definition, and a line here. */
import { addAppendCommand } from './append.ts';
import { addAuditCommand } from './audit.ts';
import { addCompletionCommand } from './completion.ts';
import { addConsumeCommand } from './consume.ts';
import { addDoctorCommand } from './doctor.ts';
import { addInspectCommand } from './inspect.ts';
import { addIntentCommand } from './intent.ts';
import { addKeygenCommand } from './keygen.ts';
import { addMirrorCommand } from './mirror.ts';
import { addMonitorCommand } from './monitor.ts';
import { addOpenCommand } from './open.ts';
import type { AddCommand } from './options.ts';
import { addPolicyCommand } from './policy.ts';
import { addReceiptCommand } from './receipt.ts';
import { addTreeCommand } from './tree.ts';
import { addTrustCommand } from './trust.ts';
import { addVerifyCommand } from './verify.ts';
import { addVersionCommand } from './version.ts';
import { addWitnessCommand } from './witness.ts';

export const COMMAND_GROUPS: Readonly<Record<string, readonly AddCommand[]>> = {
  'Check evidence:': [addVerifyCommand, addOpenCommand, addInspectCommand, addTreeCommand],
  'Watch a log:': [addAuditCommand, addMirrorCommand, addMonitorCommand, addWitnessCommand],
  'Use a log:': [addIntentCommand, addReceiptCommand, addAppendCommand, addConsumeCommand],
  'Keys, people and rules:': [addTrustCommand, addPolicyCommand, addKeygenCommand],
  'This program:': [addDoctorCommand, addCompletionCommand, addVersionCommand],
};
