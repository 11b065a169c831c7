// Node 22.20 and 24 strip types themselves; Node 20 gets tsx.
import { register } from 'tsx/esm/api';

if (!process.features.typescript) register();
