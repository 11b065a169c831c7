/** Steps about commands: what is sent, what is answered, and what the device lists. */
import { isDeepStrictEqual } from 'node:util';
