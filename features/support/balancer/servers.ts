/** Servers as scenarios name them. */
import { SERVERS, type ServerName } from '../../../conformance/driver/balancer.ts';

/** The servers that `words` name, as in `s1, s2`; throws our own fault on others. */
export function serversIn(words: string): readonly ServerName[] {
  return words.split(', ').map((word) => {
    const name = SERVERS.find((each) => each === word);
    if (name === undefined) throw new Error(`there is no server ${word}`);
    return name;
  });
}
