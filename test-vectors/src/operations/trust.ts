/** Trust roots: trust-root, trust-members. */
import { bytesOf, mapped, type Operations, objectOf, textOf } from './verifier.ts';

export const trustOperations: Operations = {
  'trust-root': {
    parse: (v, input) => {
      const payload = bytesOf(v, input, 'payload');
      return mapped(v.parseTrustRoot(payload), () => v.trustRootDigest(payload));
    },
    verify: async (v, input) => {
      const { versions } = input;
      if (!Array.isArray(versions)) throw new TypeError('versions: not a list');
      return mapped(await v.verifyTrustRoot(textOf(input, 'root_id'), versions), ({ chain }) =>
        chain.versions.map(({ version, digest }) => ({ version, digest })),
      );
    },
  },
  'trust-members': {
    parse: (v, input) =>
      mapped(v.parseTrustMembers(objectOf(input, 'members')), ({ approvers, services, boundaries, policies }) => ({
        approvers: [...approvers.keys()],
        services: [...services.keys()],
        boundaries: [...boundaries.keys()],
        policies: [...policies.keys()],
      })),
  },
};
