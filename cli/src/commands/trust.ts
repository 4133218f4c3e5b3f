import type { AddCommand } from './options.ts';
import { addTrustAddCommand } from './trust-add.ts';
import { addTrustInitCommand } from './trust-init.ts';
import { addTrustMergeCommand } from './trust-merge.ts';
import { addTrustPublishCommand } from './trust-publish.ts';
import { addTrustRenewCommand } from './trust-renew.ts';
import { addTrustCompromiseCommand, addTrustRetireCommand } from './trust-revoke.ts';
import { addTrustRotateRootCommand } from './trust-rotate-root.ts';
import { addTrustShowCommand } from './trust-show.ts';
import { addTrustSignCommand } from './trust-sign.ts';

export const addTrustCommand: AddCommand = (program, finish) => {
  const trust = program
    .command('trust')
    .summary('make, change, sign and log a trust root: who may approve')
    .description(
      'A trust root says whose keys may approve, in which roles, and which policies count. It is a chain of versions, each signed by\n' +
        'enough holders of its root keys. A change is drafted, signed by one person after the other, and published.',
    )
    .addHelpText(
      'after',
      `
Of three people, two have to sign:
  $ assent trust init --name acme.example --root-key a.pub --root-key b.pub --root-key c.pub --threshold 2 -o acme.v1.json
  $ assent trust add acme.v1.json --policy payments.policy.json
  $ assent trust show acme.v1.json
  $ assent trust sign acme.v1.json --key a.pem
  $ assent trust sign acme.v1.json --key b.pem
  $ assent trust publish acme.v1.json --versions acme.versions.json --log https://log.example.com --api-key-file api-key

Each of them signs on their own machine: the file acme.v1.json goes from one to the next. Or each signs a copy of it, and
"assent trust merge" puts the signatures together.`,
    );
  for (const add of [
    addTrustInitCommand,
    addTrustAddCommand,
    addTrustRetireCommand,
    addTrustCompromiseCommand,
    addTrustRotateRootCommand,
    addTrustRenewCommand,
    addTrustSignCommand,
    addTrustMergeCommand,
    addTrustPublishCommand,
    addTrustShowCommand,
  ]) {
    add(trust, finish);
  }
};
