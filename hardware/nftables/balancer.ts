/** `balancer.ts FILE`: nftables as a server switch; see `hardware/product/serve.ts`. */
import { serveProduct } from '../product/serve.ts';
import { openNftables } from './nftables.ts';

serveProduct(() => openNftables());
