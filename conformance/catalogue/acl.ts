/** PRISM-ACL: who may connect. */
import type { RequirementGroup } from './requirement.ts';
import { must } from './requirement.ts';

/** The group ACL. */
export const acl: RequirementGroup = {
  id: 'ACL',
  title: 'Access',
  summary: 'Which clients a server switch lets connect, and to what.',
  requirements: [
    must('PRISM-ACL-01', 'What a denied client sends MUST NOT reach a server.', {
      sources: [{ ref: 'Chase', note: 'filtering' }],
      needs: ['ACL'],
      scope: 'balancer',
      observed: 'Requests of a denied and of another client.',
    }),
    must('PRISM-ACL-02', 'A denied SYN MUST NOT make a connection known.', {
      sources: [{ ref: 'Chase', note: 'filtering' }],
      needs: ['ACL'],
      scope: 'balancer',
      observed: 'A denied SYN; then, with the client permitted, a later segment: it is a stray.',
    }),
    must('PRISM-ACL-03', 'Only what is for a configured virtual endpoint MUST reach a server.', {
      sources: [{ ref: 'Chase', note: 'filtering' }],
      scope: 'balancer',
      observed: 'SYNs to other ports of a virtual address.',
    }),
    must('PRISM-ACL-04', 'Of several access rules the first that fits MUST count.', {
      sources: [{ ref: 'Chase', note: 'filtering' }],
      needs: ['ACL'],
      scope: 'balancer',
      observed: 'Rules that overlap, in both orders.',
    }),
  ],
};
