import { InvalidArgumentError, Option } from 'commander';
import { EXIT_HELP } from '../exit-codes.ts';
import {
  type AddCommand,
  attemptsOption,
  collect,
  concurrencyOption,
  logKeyOption,
  logPolicyOption,
  type SharedFlags,
  timeoutOption,
} from './options.ts';

export type MonitorFlags = SharedFlags & {
  readonly state: string;
  readonly rules?: string;
  readonly key?: readonly string[];
  readonly holder?: readonly string[];
  readonly service?: readonly string[];
  readonly action?: readonly string[];
  readonly requester?: readonly string[];
  readonly untrustedKeys?: true;
  readonly unconsumedAfter?: number;
  readonly unapproved?: true;
  readonly trustRoot?: string;
  readonly trustVersions?: string;
  readonly webhook?: string;
  readonly webhookSecretFile?: string;
  readonly command?: string;
  readonly commandArg?: readonly string[];
  readonly once?: true;
  readonly from: number | 'now';
  readonly interval: number;
  readonly staleAfter: number;
  readonly outageAfter: number;
  readonly concurrency: number;
  readonly attempts: number;
};

const MAX_SECONDS = 366 * 86_400;

export const addMonitorCommand: AddCommand = (program, finish) => {
  program
    .command('monitor')
    .summary('follow a log for ever, and tell what you want to know')
    .description(
      'Follows a log: checks that each head is signed, of the same history as the last one, and new; reads every entry that comes, ' +
        'each proved to be in that tree; and tells what your rules ask for and what is wrong with the log.\n' +
        'It prints one JSON document a line, and sends the same to a webhook and to a command. Each of them is told at least once, ' +
        'in order, and nothing is lost over a restart or a crash.',
    )
    .argument('<log>', 'the address of a log')
    .requiredOption(
      '--state <file>',
      'where it keeps how far it came and what it has still to tell; made the first time',
    )
    .addOption(logKeyOption())
    .addOption(logPolicyOption())
    .option('--rules <file>', 'your rules, as below; the flags that follow make one rule each')
    .option('--key <keyid>', 'tell of entries that this key signed; repeatable', collect)
    .option(
      '--holder <name>',
      'of those that somebody signed, by the trust root, or a service for them; repeatable',
      collect,
    )
    .option('--service <pattern>', 'of those of a service; repeatable', collect)
    .option('--action <pattern>', 'of those for an action, such as "payment.*"; repeatable', collect)
    .option('--requester <pattern>', 'of those that somebody asked for; repeatable', collect)
    .option(
      '--untrusted-keys',
      'of those signed by a key that the trust root did not list then, or that was stolen or retired',
    )
    .option(
      '--unconsumed-after <seconds>',
      'of approvals for single use that nobody has used so long after',
      seconds(1),
    )
    .option('--unapproved', 'of uses of an approval that is not there, has expired, or was used before')
    .option('--trust-root <id>', 'whose people may approve: the root id of a trust root, sha256:<hex>, pinned by you')
    .option('--trust-versions <file>', 'the versions of that trust root that you have: a JSON list')
    .option('--webhook <url>', 'send each event there, signed')
    .option(
      '--webhook-secret-file <file>',
      'the secret that signs it, in base64, else the environment: ASSENT_WEBHOOK_SECRET',
    )
    .option('--command <program>', 'run this for each event, which it gets on standard input; no shell is involved')
    .option('--command-arg <argument>', 'an argument of that program; repeatable', collect)
    .option('--once', 'look once and end, for cron')
    .addOption(
      new Option('--from <index>', 'where to begin, the first time: at an entry, or "now"').default(0).argParser(place),
    )
    .addOption(secondsOption('--interval <seconds>', 'how long to wait between two looks', 1, 30))
    .addOption(secondsOption('--stale-after <seconds>', 'how old the newest head may be', 1, 3600))
    .addOption(secondsOption('--outage-after <seconds>', 'how long no answer is no alarm yet', 0, 60))
    .addOption(concurrencyOption())
    .addOption(attemptsOption())
    .addOption(timeoutOption())
    .addHelpText(
      'after',
      `
Examples:
  $ assent monitor https://log.example.com --log-policy log.policy --state monitor.json --action 'payment.*'
  $ assent monitor https://log.example.com --log-key log.vkey --state monitor.json --rules rules.json \\
      --trust-root sha256:9f… --trust-versions acme.json \\
      --webhook https://hooks.example.com/assent --webhook-secret-file webhook.secret
  $ assent monitor https://log.example.com --log-key log.vkey --state monitor.json --untrusted-keys \\
      --trust-root sha256:9f… --trust-versions acme.json --once --command /usr/local/bin/page-somebody

Rules are a file such as
  { "type": "assent/monitor-rules/v1", "rules": [
    { "id": "payments", "action": "payment.*", "decision": "approved" },
    { "id": "alice", "holder": "alice@example.com", "service": "approvals.example.com" },
    { "id": "strangers", "when": "untrusted_key" },
    { "id": "forgotten", "when": "unconsumed", "after_seconds": 3600, "connector": "stripe/*" },
    { "id": "out-of-nowhere", "when": "unapproved" } ] }
An entry has to fit all of key, holder, service, action, connector, requester, kind and decision that a rule has; a final * stands
for one character or more. A rule "untrusted_key" without any of them is about the organization of --trust-root.

Alarms about the log itself need no rule, and each has a code of its own, and one with "_over" when it is over:
  fork           it signed two histories; the proof is in the event, and in STATE.misbehaviour.json
  rollback       it shows an older head than before
  misbehaviour   what it serves is not what it signed, or not signed at all
  stale_head     it answers, and its newest head is old, by its witnesses or by its own RFC 6962 tree head
  outage         it does not answer

Rules tell of match, untrusted_key, unconsumed and unapproved. Without a rule it tells of
  invalid_entry      an entry that no log may take
  backdated          one that claims a time at which witnesses saw the tree without it
  unreadable_entry   one of a kind that this version does not know
  withheld           one that the log does not hand out
  trust_root         a version of your trust root that you did not give
An event with the "id" of an earlier one is that one, told again.

Webhooks are signed as Standard Webhooks says, with HMAC-SHA256. Any 2xx acknowledges an event, as does exit code 0 of a command;
else it is tried again, later and later, at most 5 minutes apart, and what comes after it waits.
${EXIT_HELP}
With --once: 1 if the log is caught (fork, rollback, misbehaviour, invalid_entry, backdated), 3 if it did not answer, 2 if its head is old or too
few witnesses cosigned it, or somebody could not be told; else 0, also if there was something to tell. Without it, it ends with 130.`,
    )
    .action(async (log: string, flags: MonitorFlags) => {
      const { monitor } = await import('../actions/monitor.ts');
      finish(await monitor(log, flags));
    });
};

function secondsOption(flags: string, description: string, least: number, standard: number): Option {
  return new Option(flags, description).argParser(seconds(least)).default(standard);
}

function seconds(least: number): (text: string) => number {
  return (text) => {
    const value = /^(0|[1-9][0-9]{0,8})$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= MAX_SECONDS) return value;
    throw new InvalidArgumentError(`It takes whole seconds, ${least} to ${MAX_SECONDS}.`);
  };
}

function place(text: string): number | 'now' {
  if (text === 'now') return text;
  if (/^(0|[1-9][0-9]{0,14})$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes the index of an entry, or "now".');
}
