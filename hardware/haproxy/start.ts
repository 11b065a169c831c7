/** `start.ts FILE`: HAProxy as a server switch; see `hardware/product/serve.ts`. */
import { serveProduct } from '../product/serve.ts';
import { openHaproxy } from './haproxy.ts';

serveProduct(openHaproxy);
