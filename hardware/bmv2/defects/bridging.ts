/** Defects of the bridge. */
import type { ProgramDefect } from './defect.ts';

/** Frames that nobody was to rewrite, and that do not arrive, or arrive too often. */
export const BRIDGING: readonly ProgramDefect[] = [
  {
    name: 'groups-learned',
    sentence: 'A group address is learned as if it were a host.',
    breaks: 'PRISM-FWD-01',
    file: 'bridge.p4',
    find: 'ethernet.src[40:40] == 0 && ',
    replace: '',
  },
  {
    name: 'stations-learned-at-punt-port',
    sentence: 'What comes back from the controller moves its sender there.',
    breaks: 'PRISM-FWD-12',
    file: 'bridge.p4',
    find: ' && standard.ingress_port != PUNT_PORT',
    replace: '',
  },
  {
    name: 'flood-returns',
    sentence: 'A flood goes back to where it came from.',
    breaks: 'PRISM-FWD-01',
    file: 'bridge.p4',
    find: 'standard.mcast_grp == FLOOD_GROUP && standard.egress_port == standard.ingress_port',
    replace: 'false',
  },
  {
    name: 'bridged-back',
    sentence: 'A frame for a host at the port where it came in goes out there again.',
    breaks: 'PRISM-FWD-01',
    file: 'bridge.p4',
    find: 'port == standard.ingress_port && may_return == 0',
    replace: 'false',
  },
  {
    name: 'unknown-station-not-flooded',
    sentence: 'A frame to a host that was never heard goes to port 0.',
    breaks: 'PRISM-FWD-01',
    file: 'bridge.p4',
    find: 'mac != ethernet.dst || ',
    replace: '',
  },
  {
    name: 'punted-frame-flooded',
    sentence:
      'What is for the controller goes everywhere else instead, if its host was never heard.',
    breaks: 'PRISM-REW-18',
    file: 'prism.p4',
    find: 'standard.mcast_grp = 0;',
    replace: '',
  },
];
