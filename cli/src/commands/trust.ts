import type { AddCommand } from './options.ts';
import { addAddCommand } from './trust/add.ts';
import { addCompromiseCommand } from './trust/compromise.ts';
import { addInitCommand } from './trust/init.ts';
import { addPublishCommand } from './trust/publish.ts';
import { addRetireCommand } from './trust/retire.ts';
import { addRotateRootCommand } from './trust/rotate-root.ts';
import { addShowCommand } from './trust/show.ts';
import { addSignCommand } from './trust/sign.ts';

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
A ceremony of three, of whom two have to sign:
  $ assent trust init --name acme.example --root-key a.pub --root-key b.pub --root-key c.pub --threshold 2 -o acme.v1.json
  $ assent trust add acme.v1.json --policy payments.policy.json
  $ assent trust show acme.v1.json
  $ assent trust sign acme.v1.json --key a.pem            (then send acme.v1.json to the next)
  $ assent trust sign acme.v1.json --key b.pem
  $ assent trust publish acme.v1.json --versions acme.versions.json --log https://log.example.com --api-key-file api-key`,
    );
  const add = [
    addInitCommand,
    addAddCommand,
    addRetireCommand,
    addCompromiseCommand,
    addRotateRootCommand,
    addSignCommand,
    addPublishCommand,
    addShowCommand,
  ];
  for (const command of add) command(trust, finish);
};
